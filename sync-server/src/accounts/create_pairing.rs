//! An owner's code, with which another device of the family joins.

use romp_domain::time::MINUTE_MS;
use romp_domain::wire::{PairingReply, PairingRequest};
use romp_domain::{AuditEvent, ErrorCode, Problem, Role};

use super::{has_child_consent, live_session, prove_password, room};
use crate::audit;
use crate::db::{AuditRecord, DbExt, Detail, PairingRecord, SessionRecord};
use crate::secrets::new_pairing_code;
use crate::server::Server;

/// How long a code works: long enough to walk to the other device.
pub const PAIRING_MS: i64 = 10 * MINUTE_MS;

/// Most codes of a household that work at the same time: what is to be guessed stays rare.
const MAX_CODES: usize = 5;

/// Makes a code, with the own password. Of too many, the oldest stops working.
///
/// # Errors
/// `Forbidden` on a paired device, `WrongCredentials`, `TooMany` (per session). `ConsentMissing` for a child's device while
/// no owner has agreed to children using the app. `TooLarge` while as many devices are signed in as may be.
pub fn create_pairing(
    server: &Server,
    session: &SessionRecord,
    request: &PairingRequest,
) -> Result<PairingReply, Problem> {
    prove_password(server, session, &request.password)?;
    let now = server.clock.now();
    let (secret, code) = new_pairing_code(&*server.random);
    let mut pairing = PairingRecord {
        code,
        household: session.household,
        role: request.role,
        expires_at: now.plus_ms(PAIRING_MS),
        made_by: None,
        made_in: Some(session.id),
    };
    let expires_at = pairing.expires_at;
    let token = session.token;
    server.db.write(move |tx| {
        let session = live_session(tx, &token)?;
        if pairing.role == Role::Child && !has_child_consent(tx, pairing.household)? {
            return Err(Problem::new(ErrorCode::ConsentMissing).into());
        }
        room::has_room(tx, pairing.household, now)?;
        pairing.made_by = session.user;
        tx.insert_pairing(&pairing)?;
        tx.keep_newest_pairings(pairing.household, MAX_CODES)?;
        let role = Detail::word(pairing.role.word());
        let entry = AuditRecord::of(&session, AuditEvent::PairingCreated, now).detail(role);
        audit::note(tx, pairing.household, &entry)
    })?;
    Ok(PairingReply {
        code: secret.into_text(),
        expires_at,
    })
}

#[cfg(test)]
mod tests {
    use romp_domain::wire::{PairRequest, SessionReply};

    use super::*;
    use crate::accounts::pair;
    use crate::accounts::rig::{HERE, PASSWORD, Rig, device, pairing, typed};

    #[test]
    fn row_02_who_has_a_session_and_no_password_lets_no_device_in() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        rig.consent(owner.household, true);
        let joined = rig.paired(&owner, Role::Owner, 50);
        let refused = |by: &SessionReply, password: &str| {
            let request = PairingRequest {
                role: Role::Child,
                password: typed(password),
            };
            let asked = create_pairing(&rig.server, &rig.session(&by.token), &request);
            asked.map(drop).unwrap_err().code
        };
        assert_eq!(refused(&owner, "open sesame"), ErrorCode::WrongCredentials);
        let (event, session) = rig.last_entry(owner.household);
        assert_eq!((event, session), (AuditEvent::SignInFailed, Some(owner.session)));
        assert_eq!(refused(&joined, PASSWORD), ErrorCode::Forbidden);
    }

    #[test]
    fn a_childs_device_needs_consent_and_an_owners_does_not() {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let ask = |role| create_pairing(&rig.server, &session, &pairing(role));
        assert_eq!(ask(Role::Child).unwrap_err().code, ErrorCode::ConsentMissing);
        let reply = ask(Role::Owner).unwrap();
        assert_eq!(reply.code.len(), 8);
        assert_eq!(reply.expires_at, rig.now().plus_ms(PAIRING_MS));
        rig.consent(session.household, true);
        ask(Role::Child).unwrap();
        rig.consent(session.household, false);
        assert_eq!(ask(Role::Child).unwrap_err().code, ErrorCode::ConsentMissing);
    }

    #[test]
    fn of_many_codes_the_newest_five_work() {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let other = rig.session(&rig.owner(2).token);
        let ask = |session| {
            rig.pass(1);
            create_pairing(&rig.server, session, &pairing(Role::Owner))
                .unwrap()
                .code
        };
        let theirs = ask(&other);
        let codes: Vec<_> = (0..8).map(|_| ask(&session)).collect();
        let works = |n: u128, code: &String| {
            let request = PairRequest {
                code: code.clone(),
                device: device(n),
            };
            pair(&rig.server, HERE, request).is_ok()
        };
        let working: Vec<_> = (50..).zip(&codes).map(|(n, code)| works(n, code)).collect();
        assert_eq!(working, [false, false, false, true, true, true, true, true]);
        assert!(works(70, &theirs), "another family's are its own");
    }
}
