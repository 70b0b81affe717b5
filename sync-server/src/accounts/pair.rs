//! Pair: a device joins a household by code.

use std::net::IpAddr;

use romp_domain::policy::Operation;
use romp_domain::wire::{PairRequest, SessionReply};
use romp_domain::{AuditEvent, ErrorCode, Problem, Role, UtcMs};

use super::{has_child_consent, session};
use crate::audit;
use crate::db::{AuditRecord, DbExt};
use crate::secrets::{PAIRING_CHARS, typed_code_hash};
use crate::server::Server;
use crate::sync::switches;
use crate::throttle::guesser;

/// Opens a session with the role that the code was made for. The code is used up only if that succeeds.
///
/// # Errors
/// `CodeInvalid`, `SwitchedOff` (adding devices, since the code was made), `ConsentMissing` (withdrawn since then),
/// `DeviceTaken`, `TooLarge` (as many devices are signed in as may be), `TooMany`.
pub fn pair(server: &Server, from: IpAddr, request: PairRequest) -> Result<SessionReply, Problem> {
    let now = server.clock.now();
    let who = guesser(from, "");
    let reply = server.codes.judged(who, now, || join(server, request, now))?;
    server.codes.give_back(&who);
    Ok(reply)
}

/// Opens the session where the code is right.
fn join(server: &Server, request: PairRequest, now: UtcMs) -> Result<SessionReply, Problem> {
    let code = typed_code_hash(&request.code, PAIRING_CHARS, ErrorCode::CodeInvalid)?;
    let (new, token) = session::prepare(server, request.device, now);
    let opened = server.db.write(move |tx| {
        let pairing = tx
            .take_pairing(&code, now)?
            .ok_or_else(|| Problem::new(ErrorCode::CodeInvalid))?;
        if let Some(off) = switches::off_for_newcomer(tx, now, &pairing)? {
            // The code is for later.
            tx.insert_pairing(&pairing)?;
            let about = switches::about(Operation::Devices, off.switch);
            let entry = AuditRecord::new(AuditEvent::SwitchedOff, now).detail(about);
            audit::note(tx, pairing.household, &entry)?;
            return Ok(Err(off.problem(now)));
        }
        if pairing.role == Role::Child && !has_child_consent(tx, pairing.household)? {
            return Err(Problem::new(ErrorCode::ConsentMissing).into());
        }
        new.open_paired(tx, &pairing).map(Ok)
    })??;
    tracing::info!("paired");
    Ok(session::opened(server, &opened, token))
}

#[cfg(test)]
mod tests {
    use romp_domain::switch::SwitchScope;
    use romp_domain::{Entity, Switch};

    use super::*;
    use crate::accounts::rig::{ELSEWHERE, HERE, Rig, device, naming, pairing, proved, sign_in_request};
    use crate::accounts::{PAIRING_MS, create_pairing, revoke, revoke_others, sign_in, sign_out};
    use crate::db::{DeviceRecord, Tx};

    fn with(code: &str, device_number: u128) -> PairRequest {
        PairRequest {
            code: code.to_owned(),
            device: device(device_number),
        }
    }

    /// A household with consent, and a code for a device with `role`.
    fn coded(rig: &Rig, role: Role) -> (SessionReply, String) {
        let owner = rig.owner(1);
        rig.consent(owner.household, true);
        let session = rig.session(&owner.token);
        let reply = create_pairing(&rig.server, &session, &pairing(role)).unwrap();
        (owner, reply.code)
    }

    fn refused(rig: &Rig, request: PairRequest) -> ErrorCode {
        pair(&rig.server, HERE, request).unwrap_err().code
    }

    #[test]
    fn row_24_a_device_joins_with_the_role_of_its_code_and_the_code_works_once() {
        let rig = Rig::new();
        let (owner, code) = coded(&rig, Role::Child);
        let typed = format!(" {}-{} ", &code[..4].to_lowercase(), &code[4..]);
        let reply = pair(&rig.server, HERE, with(&typed, 50)).unwrap();
        assert_eq!((reply.household, reply.role), (owner.household, Role::Child));
        assert_eq!(rig.session(&reply.token).user, None);
        assert_eq!(refused(&rig, with(&code, 51)), ErrorCode::CodeInvalid);
    }

    #[test]
    fn row_24_a_code_ends_after_ten_minutes() {
        let rig = Rig::new();
        let (_, code) = coded(&rig, Role::Owner);
        rig.pass(PAIRING_MS);
        assert_eq!(refused(&rig, with(&code, 50)), ErrorCode::CodeInvalid);
    }

    #[test]
    fn row_16_a_code_does_not_outlive_a_session_that_could_have_made_it() {
        type Ends = fn(&Rig, &SessionReply, &SessionReply);
        let ends: [Ends; 4] = [
            |rig, owner, thief| {
                let session = thief.session;
                revoke(&rig.server, &rig.session(&owner.token), &naming(session)).unwrap();
            },
            |rig, owner, _| revoke_others(&rig.server, &rig.session(&owner.token), &proved()).unwrap(),
            |rig, _, thief| sign_out(&rig.server, &rig.session(&thief.token)).unwrap(),
            // The owner takes the device back.
            |rig, _, _| drop(sign_in(&rig.server, HERE, sign_in_request(1, 60)).unwrap()),
        ];
        for end in ends {
            let rig = Rig::new();
            let (owner, _) = coded(&rig, Role::Owner);
            let thief = rig.paired(&owner, Role::Owner, 60);
            let session = rig.session(&owner.token);
            let left = create_pairing(&rig.server, &session, &pairing(Role::Owner)).unwrap();
            end(&rig, &owner, &thief);
            assert_eq!(refused(&rig, with(&left.code, 61)), ErrorCode::CodeInvalid);
        }
    }

    #[test]
    fn row_02_a_code_takes_the_place_of_no_device_on_which_somebody_signed_in() {
        let rig = Rig::new();
        let (owner, code) = coded(&rig, Role::Owner);
        // The id of an owner's device is told with the switches made on it, and the one that it goes on as when copied is
        // as good.
        let forked = device(77);
        let (id, household, session) = (forked.id, owner.household, owner.session);
        let fork = move |tx: &mut dyn Tx| {
            let known = tx
                .device(device(1).id)?
                .ok_or(Problem::new(ErrorCode::NotFound))?;
            let session = Some(session);
            tx.put_device(&DeviceRecord {
                id,
                household,
                session,
                ..known
            })
        };
        rig.server.db.write(fork).unwrap();
        for taken in [1, 77] {
            assert_eq!(refused(&rig, with(&code, taken)), ErrorCode::DeviceTaken);
            assert!(rig.session(&owner.token).ended_at.is_none());
        }
        // Signed out, it may join anew with a code.
        let desk = sign_in(&rig.server, HERE, sign_in_request(1, 60)).unwrap();
        sign_out(&rig.server, &rig.session(&owner.token)).unwrap();
        let asked = create_pairing(&rig.server, &rig.session(&desk.token), &pairing(Role::Owner)).unwrap();
        pair(&rig.server, HERE, with(&asked.code, 1)).unwrap();
        // And so may one that joined with one before, without that.
        let asked = create_pairing(&rig.server, &rig.session(&desk.token), &pairing(Role::Owner)).unwrap();
        pair(&rig.server, HERE, with(&asked.code, 1)).unwrap();
    }

    #[test]
    fn the_end_of_a_childs_session_leaves_the_familys_codes() {
        let rig = Rig::new();
        let (owner, _) = coded(&rig, Role::Child);
        let tablet = rig.paired(&owner, Role::Child, 60);
        let session = rig.session(&owner.token);
        let code = create_pairing(&rig.server, &session, &pairing(Role::Child)).unwrap();
        revoke(&rig.server, &session, &naming(tablet.session)).unwrap();
        pair(&rig.server, HERE, with(&code.code, 61)).unwrap();
    }

    #[test]
    fn consent_withdrawn_meanwhile_keeps_the_childs_device_out() {
        let rig = Rig::new();
        let (owner, code) = coded(&rig, Role::Child);
        rig.consent(owner.household, false);
        assert_eq!(refused(&rig, with(&code, 50)), ErrorCode::ConsentMissing);
        rig.consent(owner.household, true);
        pair(&rig.server, HERE, with(&code, 50)).unwrap();
    }

    #[test]
    fn row_07_a_code_from_before_lets_nobody_in_while_adding_devices_is_off_and_is_not_used_up() {
        let rig = Rig::new();
        let (owner, code) = coded(&rig, Role::Child);
        rig.switch_off(
            owner.household,
            Switch {
                operations: [Operation::Devices].into(),
                starts_at: rig.now(),
                ends_at: Some(rig.now().plus_ms(60_000)),
                ..Switch::example()
            },
        );
        let off = pair(&rig.server, HERE, with(&code, 50)).unwrap_err();
        assert_eq!(
            (off.code, off.message.as_str(), off.retry_after_s),
            (ErrorCode::SwitchedOff, "Good night!", Some(60))
        );
        assert_eq!(rig.last_entry(owner.household).0, AuditEvent::SwitchedOff);
        rig.pass(60_000);
        pair(&rig.server, HERE, with(&code, 50)).unwrap();
    }

    #[test]
    fn row_07_what_is_switched_off_for_one_session_or_device_its_codes_from_before_do_not_do_either() {
        let scopes = [
            |owner: &SessionReply| SwitchScope::Session {
                session: owner.session,
            },
            |_: &SessionReply| SwitchScope::Device { device: device(1).id },
        ];
        for scope in scopes {
            let rig = Rig::new();
            let (owner, code) = coded(&rig, Role::Owner);
            let desk = sign_in(&rig.server, HERE, sign_in_request(1, 60)).unwrap();
            let session = rig.session(&desk.token);
            let other = create_pairing(&rig.server, &session, &pairing(Role::Owner)).unwrap();
            rig.switch_off(
                owner.household,
                Switch {
                    scope: scope(&owner),
                    operations: [Operation::Devices].into(),
                    starts_at: rig.now(),
                    ends_at: None,
                    ..Switch::example()
                },
            );
            assert_eq!(refused(&rig, with(&code, 50)), ErrorCode::SwitchedOff);
            pair(&rig.server, HERE, with(&other.code, 51)).unwrap();
        }
    }

    #[test]
    fn a_device_of_another_household_is_refused() {
        let rig = Rig::new();
        let (_, code) = coded(&rig, Role::Owner);
        rig.owner(2);
        assert_eq!(refused(&rig, with(&code, 2)), ErrorCode::DeviceTaken);
        pair(&rig.server, HERE, with(&code, 50)).unwrap();
    }

    #[test]
    fn row_24_codes_cannot_be_guessed_for_long_whatever_they_are() {
        let rig = Rig::new();
        let (_, code) = coded(&rig, Role::Owner);
        for guess in [
            "AAAAAAAA", "", "BBBBBBBB", "0", "CCCCCCCC", "DDDDDDDD", "EEEEEEEE", "x", "y", "z",
        ] {
            assert_eq!(refused(&rig, with(guess, 50)), ErrorCode::CodeInvalid);
        }
        assert_eq!(refused(&rig, with(&code, 50)), ErrorCode::TooMany);
        pair(&rig.server, ELSEWHERE, with(&code, 50)).unwrap();
    }
}
