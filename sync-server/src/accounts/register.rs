//! Register: a new household with its first owner and its first device.

use std::net::IpAddr;

use romp_domain::wire::{RegisterRequest, SessionReply};
use romp_domain::{AuditEvent, ErrorCode, HouseholdId, Problem, Role, UserId, UtcMs};

use super::{Mailed, session};
use crate::db::{DbExt, NOBODY, SecretHash, UserRecord};
use crate::env::new_id;
use crate::owners::free_unproved;
use crate::secrets::{INVITATION_CHARS, typed_code_hash};
use crate::server::Server;
use crate::strength;
use crate::throttle::{guesser, place};

/// Makes the household. The invitation is used up only if everything else succeeds. Without one that is good, no work
/// is done: hashing a password is slow on purpose, and sync must not wait for strangers.
///
/// Where mail goes out, a code is mailed to the address, and the household counts as not sharing until it is typed.
///
/// # Errors
/// `InvitationInvalid`, `InvalidField` (a password that is easy to guess), `EmailTaken` (told only to somebody with an
/// invitation), `AlreadyJoined` (the household is not lost), `DeviceTaken`, `TooMany` (per place: wrong invitations, or, where
/// none is needed, families).
pub fn register(server: &Server, from: IpAddr, request: RegisterRequest) -> Result<SessionReply, Problem> {
    let now = server.clock.now();
    let is_open = server.settings.open_registration;
    // Where nothing is to be guessed, families are what costs, and they keep nobody from joining one by code.
    let who = guesser(from, if is_open { "register" } else { "" });
    let reply = server
        .codes
        .judged(who, now, || found(server, from, request, now))?;
    if !is_open {
        server.codes.give_back(&who);
    }
    Ok(reply)
}

/// Makes the account where the invitation is good.
fn found(
    server: &Server,
    from: IpAddr,
    request: RegisterRequest,
    now: UtcMs,
) -> Result<SessionReply, Problem> {
    let invitation = needed_invitation(server, request.invitation.as_deref())?;
    if let Some(code) = invitation
        && !server.db.read(move |tx| tx.has_invitation(&code, now))?
    {
        return Err(ErrorCode::InvitationInvalid.into());
    }

    strength::judge(&request.password, &request.email, Some(&request.name))?;
    let lost = request.household;
    let household = lost.unwrap_or_else(|| HouseholdId(new_id(&*server.clock, &*server.random)));
    let user = UserRecord {
        id: UserId(new_id(&*server.clock, &*server.random)),
        household,
        email: request.email,
        name: request.name,
        password_hash: server
            .passwords
            .hash(&*server.random, request.password.expose())?,
        created_at: now,
        verified_at: None,
        confirmed_at: Some(now),
    };
    let mailed = Mailed::if_asked(server, &user, now);
    let code = mailed.as_ref().map(|mailed| mailed.record.clone());
    let (new, token) = session::prepare(server, request.device, now);
    let opened = server.db.write(move |tx| {
        if let Some(code) = &invitation
            && !tx.take_invitation(code, now)?
        {
            return Err(Problem::new(ErrorCode::InvitationInvalid).into());
        }
        // Only a family's own devices know its id; a family that is there is not founded again.
        if household == NOBODY || (lost.is_some() && tx.household(household)?.is_some()) {
            return Err(Problem::new(ErrorCode::AlreadyJoined).into());
        }
        new.is_of_nobody(tx)?;
        tx.insert_household(household, now)?;
        free_unproved(tx, &user.email, now)?;
        if !tx.insert_user(&user)? {
            return Err(Problem::new(ErrorCode::EmailTaken).into());
        }
        if let Some(code) = &code {
            tx.insert_mail_code(code, now)?;
            tx.set_unverified(household, now)?;
        }
        new.open(tx, household, Some(user.id), Role::Owner, AuditEvent::Registered)
    })?;
    tracing::info!("registered");
    if let Some(mailed) = mailed {
        mailed.send_first(server, place(from), now);
    }
    Ok(session::opened(server, &opened, token))
}

/// The invitation to take; none where registration is open.
fn needed_invitation(server: &Server, typed: Option<&str>) -> Result<Option<SecretHash>, Problem> {
    if server.settings.open_registration {
        return Ok(None);
    }
    let typed = typed.ok_or(ErrorCode::InvitationInvalid)?;
    Ok(Some(typed_code_hash(
        typed,
        INVITATION_CHARS,
        ErrorCode::InvitationInvalid,
    )?))
}

#[cfg(test)]
mod tests {
    use romp_domain::time::{DAY_MS, MINUTE_MS};

    use super::*;
    use crate::accounts::invite;
    use crate::accounts::rig::{ELSEWHERE, HERE, Rig, register_request, sign_in_request};
    use crate::accounts::sign_in;

    fn code(result: Result<SessionReply, Problem>) -> ErrorCode {
        result.unwrap_err().code
    }

    #[test]
    fn registration_is_closed_without_an_invitation() {
        let rig = Rig::new();
        let request = register_request(1, None);
        assert_eq!(
            code(register(&rig.server, HERE, request)),
            ErrorCode::InvitationInvalid
        );
        let forged = register_request(1, Some("AAAA-AAAA-AAAA-AAAA"));
        assert_eq!(
            code(register(&rig.server, HERE, forged)),
            ErrorCode::InvitationInvalid
        );
    }

    #[test]
    fn without_a_good_invitation_nothing_is_made_and_no_password_is_hashed() {
        let rig = Rig::new();
        let used = invite(&rig.server, 7).unwrap();
        register(&rig.server, HERE, register_request(1, Some(used.expose()))).unwrap();
        let server = rig.without_randomness();
        for typed in [used.expose(), "AAAA-AAAA-AAAA-AAAA"] {
            let refused = register(&server, HERE, register_request(2, Some(typed)));
            assert_eq!(code(refused), ErrorCode::InvitationInvalid);
        }
    }

    #[test]
    fn row_19_a_device_that_is_taken_does_not_help_to_ask_whether_an_address_is_for_nothing() {
        let rig = Rig::open();
        rig.owner(1);
        for somebody in [1, 2] {
            let mut request = register_request(somebody, None);
            request.device = crate::accounts::rig::device(1);
            assert_eq!(code(register(&rig.server, HERE, request)), ErrorCode::DeviceTaken);
        }
    }

    #[test]
    fn an_invitation_makes_one_household_and_its_owner_can_sign_in() {
        let rig = Rig::new();
        let invitation = invite(&rig.server, 7).unwrap();
        let typed = invitation.expose().to_lowercase();
        let reply = register(&rig.server, HERE, register_request(1, Some(&typed))).unwrap();
        assert_eq!(reply.role, Role::Owner);
        let again = sign_in(&rig.server, HERE, sign_in_request(1, 1)).unwrap();
        assert_eq!(again.household, reply.household);
        let second = register_request(2, Some(invitation.expose()));
        assert_eq!(
            code(register(&rig.server, HERE, second)),
            ErrorCode::InvitationInvalid
        );
    }

    #[test]
    fn an_invitation_ends() {
        let rig = Rig::new();
        let invitation = invite(&rig.server, 7).unwrap();
        rig.pass(7 * DAY_MS);
        let request = register_request(1, Some(invitation.expose()));
        assert_eq!(
            code(register(&rig.server, HERE, request)),
            ErrorCode::InvitationInvalid
        );
    }

    #[test]
    fn a_taken_address_or_device_does_not_use_the_invitation_up() {
        let rig = Rig::new();
        rig.owner(1);
        let invitation = invite(&rig.server, 7).unwrap();
        let mut taken = register_request(1, Some(invitation.expose()));
        taken.device = crate::accounts::rig::device(50);
        assert_eq!(code(register(&rig.server, HERE, taken)), ErrorCode::EmailTaken);
        let mut other_device = register_request(2, Some(invitation.expose()));
        other_device.device.id = register_request(1, None).device.id;
        assert_eq!(
            code(register(&rig.server, HERE, other_device)),
            ErrorCode::DeviceTaken
        );
        register(&rig.server, HERE, register_request(2, Some(invitation.expose()))).unwrap();
    }

    #[test]
    fn a_family_that_the_server_lost_is_founded_again_and_one_that_is_there_is_not() {
        let rig = Rig::new();
        let here = rig.owner(1).household;
        let found = |n, household| {
            let invitation = invite(&rig.server, 7).unwrap();
            let request = RegisterRequest {
                household: Some(household),
                ..register_request(n, Some(invitation.expose()))
            };
            register(&rig.server, HERE, request)
        };
        assert_eq!(code(found(2, here)), ErrorCode::AlreadyJoined);
        assert_eq!(code(found(2, NOBODY)), ErrorCode::AlreadyJoined);
        let lost = HouseholdId(uuid::Uuid::from_u128(4_711));
        assert_eq!(found(2, lost).unwrap().household, lost);
        assert_eq!(code(found(3, lost)), ErrorCode::AlreadyJoined);
    }

    #[test]
    fn open_registration_needs_no_invitation() {
        let rig = Rig::open();
        register(&rig.server, HERE, register_request(1, None)).unwrap();
    }

    #[test]
    fn row_20_where_registration_is_open_one_place_makes_few_families_and_joins_by_code_all_the_same() {
        let rig = Rig::open();
        let made = (1..=30).take_while(|n| register(&rig.server, HERE, register_request(*n, None)).is_ok());
        assert_eq!(made.count(), 10);
        assert_eq!(
            code(register(&rig.server, HERE, register_request(40, None))),
            ErrorCode::TooMany
        );
        register(&rig.server, ELSEWHERE, register_request(40, None)).unwrap();
        let owner = sign_in(&rig.server, HERE, sign_in_request(1, 1)).unwrap();
        rig.paired(&owner, Role::Child, 50);
        rig.pass(15 * MINUTE_MS);
        register(&rig.server, HERE, register_request(41, None)).unwrap();
    }

    #[test]
    fn row_20_invited_families_cost_a_place_no_try() {
        let rig = Rig::new();
        for n in 1..=15 {
            rig.owner(n);
        }
    }

    #[test]
    fn invitations_cannot_be_guessed_for_long() {
        let rig = Rig::new();
        let forged = || register_request(1, Some("AAAA-AAAA-AAAA-AAAA"));
        for _ in 0..10 {
            assert_eq!(
                code(register(&rig.server, HERE, forged())),
                ErrorCode::InvitationInvalid
            );
        }
        assert_eq!(code(register(&rig.server, HERE, forged())), ErrorCode::TooMany);
    }
}
