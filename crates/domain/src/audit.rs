//! What the security log of a household can say.
//!
//! Terms: the **log** is append-only and says what happened to the account: who came in, who was let in, what was
//! ended, switched off or changed.
//!
//! Deliberately absent: names, addresses, comments. An entry says what, when, and by which session and user.

use crate::macros::closed_set;

/// How long entries are kept, in days: a year, so that what is found late can still be looked into.
pub const KEPT_DAYS: i64 = 365;

closed_set! {
    /// Something that happened to an account.
    AuditEvent {
        /// The household was registered.
        Registered = "registered",
        /// An owner's address was verified.
        EmailVerified = "email_verified",
        /// An owner signed in.
        SignedIn = "signed_in",
        /// Somebody tried to sign in, with a wrong password.
        SignInFailed = "sign_in_failed",
        /// A device signed out.
        SignedOut = "signed_out",
        /// A code for another device was made.
        PairingCreated = "pairing_created",
        /// A device joined with a code.
        Paired = "paired",
        /// An owner ended another session.
        SessionRevoked = "session_revoked",
        /// A session was not used for too long, or is too old.
        SessionExpired = "session_expired",
        /// A token that had been replaced was used again: somebody has a copy of it. Its session was ended.
        TokenReused = "token_reused",
        /// An owner changed the password.
        PasswordChanged = "password_changed",
        /// An owner who had forgotten the password set another one.
        PasswordReset = "password_reset",
        /// An owner gave another address than one that was not proved.
        AddressSet = "address_set",
        /// Somebody else has the address that an owner gave and did not prove.
        AddressFreed = "address_freed",
        /// A second owner was invited.
        OwnerInvited = "owner_invited",
        /// The invited owner has an account.
        OwnerJoined = "owner_joined",
        /// The first owner confirmed the second one.
        OwnerConfirmed = "owner_confirmed",
        /// An owner was removed.
        OwnerRemoved = "owner_removed",
        /// A switch was set.
        SwitchSet = "switch_set",
        /// A switch was lifted.
        SwitchLifted = "switch_lifted",
        /// Something was refused because it is switched off.
        SwitchedOff = "switched_off",
        /// A session called more often than people do.
        SuspiciousRate = "suspicious_rate",
        /// The account was deleted, and with it its log; what stays of this belongs to nobody.
        AccountDeleted = "account_deleted",
        /// Something that a newer version wrote.
        Other = "other",
    }
}

impl AuditEvent {
    /// The event that a stored or received word stands for.
    pub fn of_word(word: &str) -> Self {
        Self::from_word(word).unwrap_or(Self::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_newer_version_is_something_and_no_error() {
        assert_eq!(AuditEvent::of_word("signed_in"), AuditEvent::SignedIn);
        assert_eq!(AuditEvent::of_word("teleported"), AuditEvent::Other);
    }
}
