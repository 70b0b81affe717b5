//! The adults of a household beyond signing in: proved addresses, mailed codes, invitations. A part of [`super::Tx`].

use romp_domain::text::{Email, PersonName};
use romp_domain::{HouseholdId, SessionId, UserId, UtcMs};

use super::{Fault, MailCodeRecord, Purpose, SecretHash, UserRecord};

/// Owners, and how they come to be ones.
pub trait Owners {
    /// The users of a household, those who came first foremost.
    fn users_of(&mut self, household: HouseholdId) -> Result<Vec<UserRecord>, Fault>;
    /// Calls a user something else.
    fn rename_user(&mut self, user: UserId, name: &PersonName) -> Result<(), Fault>;
    /// Gives a user another address, which is not proved. `Ok(false)` when somebody else has it.
    fn set_email(&mut self, user: UserId, email: &Email) -> Result<bool, Fault>;
    /// Notes that a user's address is proved. The first time counts.
    fn verify_user(&mut self, user: UserId, at: UtcMs) -> Result<(), Fault>;
    /// Notes that a user belongs to the household. `Ok(false)` when that was so, or there is none.
    fn confirm_user(&mut self, user: UserId, at: UtcMs) -> Result<bool, Fault>;
    /// Deletes a user. Their sessions and those of the devices they answer for end, and but for the children's count as
    /// those of a household that was deleted ([`super::Tx::was_erased`]). Of a confirmed one, also the sessions of owners'
    /// devices that nobody known answers for end, and the household's pairing codes and invitations are forgotten.
    fn remove_user(&mut self, user: UserId, at: UtcMs) -> Result<(), Fault>;
    /// Ends the sessions of a user, but one, and those of the owners' devices that they, or nobody known, answer for.
    /// Forgets the household's pairing codes and invitations. The children's devices stay.
    fn end_user_sessions(&mut self, user: UserId, except: Option<SessionId>, at: UtcMs) -> Result<(), Fault>;
    /// Whether nobody of a household has proved an address, although that was asked.
    fn is_unverified(&mut self, household: HouseholdId) -> Result<bool, Fault>;
    /// A household of which that is so, if there is any.
    fn any_unverified(&mut self) -> Result<Option<HouseholdId>, Fault>;
    /// Notes that it is asked.
    fn set_unverified(&mut self, household: HouseholdId, since: UtcMs) -> Result<(), Fault>;
    /// Notes that somebody did. `Ok(false)` when it was not asked any more.
    fn unset_unverified(&mut self, household: HouseholdId) -> Result<bool, Fault>;
    /// A new mailed code. Forgets all that have ended by `now`.
    fn insert_mail_code(&mut self, code: &MailCodeRecord, now: UtcMs) -> Result<(), Fault>;
    /// Whether a user was mailed this code, and it has not ended by `now`.
    fn has_mail_code(
        &mut self,
        user: UserId,
        purpose: Purpose,
        code: &SecretHash,
        now: UtcMs,
    ) -> Result<bool, Fault>;
    /// Forgets a user's mailed codes for a purpose.
    fn forget_mail_codes(&mut self, user: UserId, purpose: Purpose) -> Result<(), Fault>;
    /// A new invitation to a household. Of all of its own, those that end last stay, at most `keep`.
    fn insert_owner_invitation(
        &mut self,
        code: &SecretHash,
        household: HouseholdId,
        expires_at: UtcMs,
        keep: usize,
    ) -> Result<(), Fault>;
    /// Whether such an invitation exists, was not used and has not ended by `now`.
    fn has_owner_invitation(&mut self, code: &SecretHash, now: UtcMs) -> Result<bool, Fault>;
    /// Uses such an invitation up. The household that it is to.
    fn take_owner_invitation(&mut self, code: &SecretHash, now: UtcMs) -> Result<Option<HouseholdId>, Fault>;
}
