//! Sign in: an owner's new session on a device.

use std::net::IpAddr;

use romp_domain::wire::{DeviceInfo, SessionReply, SignInRequest};
use romp_domain::{AuditEvent, ErrorCode, Problem, Role, UtcMs};

use super::failed::note_failed_sign_in;
use super::{costs_no_try, judged, session};
use crate::db::{DbExt, UserRecord};
use crate::passwords::Check;
use crate::server::Server;
use crate::throttle::{Guesser, guesser, place};

/// Opens a session. Whether the address or the password is wrong cannot be told from the answer, nor from the time
/// it takes.
///
/// # Errors
/// `WrongCredentials`, `DeviceTaken`, `TooMany` (per e-mail address and place it comes from, and per place: a stranger
/// who guesses elsewhere does not keep the owner out).
pub fn sign_in(server: &Server, from: IpAddr, request: SignInRequest) -> Result<SessionReply, Problem> {
    let now = server.clock.now();
    let who = guesser(from, request.email.as_str());
    let place = place(from);
    judged(server, [who, place], now, || {
        check(server, [who, place], request, now)
    })
}

/// Compares the password, and opens the session where it is right.
fn check(
    server: &Server,
    [who, place]: [Guesser; 2],
    request: SignInRequest,
    now: UtcMs,
) -> Result<SessionReply, Problem> {
    let email = request.email.clone();
    let found = server.db.read(move |tx| tx.user_by_email(&email))?;
    // What stands in the place of an address is none.
    let found = found.filter(|user| !user.email.is_freed());
    let stored = found.as_ref().map(|user| user.password_hash.as_str());
    let check = server.passwords.check(stored, request.password.expose())?;
    if check == Check::Wrong {
        let who = found.clone();
        server
            .db
            .write(move |tx| note_failed_sign_in(tx, who.as_ref(), now))?;
    }
    let Some(user) = found.filter(|_| check != Check::Wrong) else {
        return Err(ErrorCode::WrongCredentials.into());
    };
    if costs_no_try(server, user.id) {
        server.sign_ins.give_back(&who);
        server.sign_in_places.give_back(&place);
    }

    let stronger = match check {
        Check::RightButWeak => Some(
            server
                .passwords
                .hash(&*server.random, request.password.expose())?,
        ),
        Check::Right | Check::Wrong => None,
    };
    open(server, user, stronger, request.device)
}

/// Opens the session of a user whose password was right when it was looked at, and keeps a stronger hash of it.
fn open(
    server: &Server,
    user: UserRecord,
    stronger: Option<String>,
    device: DeviceInfo,
) -> Result<SessionReply, Problem> {
    let (new, token) = session::prepare(server, device, server.clock.now());
    let opened = server.db.write(move |tx| {
        // Since then, the account may have been deleted, or have got another password.
        let same = |now: UserRecord| now.password_hash == user.password_hash;
        if !tx.user(user.id)?.is_some_and(same) {
            return Err(Problem::new(ErrorCode::WrongCredentials).into());
        }
        if let Some(hash) = &stronger {
            tx.set_password_hash(user.id, hash)?;
        }
        new.open(
            tx,
            user.household,
            Some(user.id),
            Role::Owner,
            AuditEvent::SignedIn,
        )
    })?;
    tracing::info!("signed in");
    Ok(session::opened(server, &opened, token))
}

#[cfg(test)]
mod tests {
    use romp_domain::text::Email;
    use romp_domain::wire::{Chain, Link};
    use romp_domain::{DeviceId, Hlc};
    use uuid::Uuid;

    use super::*;
    use crate::accounts::rig::{ELSEWHERE, HERE, PASSWORD, Rig, sign_in_request, typed};
    use crate::db::DeviceRecord;

    fn wrong(n: u128) -> SignInRequest {
        SignInRequest {
            password: typed("not the password"),
            ..sign_in_request(n, n)
        }
    }

    #[test]
    fn row_19_a_wrong_password_and_an_unknown_address_get_the_same_answer() {
        let rig = Rig::new();
        rig.owner(1);
        let known = sign_in(&rig.server, HERE, wrong(1)).unwrap_err();
        let unknown = sign_in(&rig.server, HERE, wrong(2)).unwrap_err();
        assert_eq!(known, unknown);
        assert_eq!(known.code, ErrorCode::WrongCredentials);
    }

    #[test]
    fn row_20_guessing_is_slowed_down_here_and_the_owner_gets_in_elsewhere() {
        let rig = Rig::new();
        rig.owner(1);
        for _ in 0..10 {
            assert_eq!(
                sign_in(&rig.server, HERE, wrong(1)).unwrap_err().code,
                ErrorCode::WrongCredentials
            );
        }
        let refused = sign_in(&rig.server, HERE, sign_in_request(1, 1)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::TooMany);
        assert!(refused.retry_after_s.is_some());
        sign_in(&rig.server, ELSEWHERE, sign_in_request(1, 1)).unwrap();
        rig.pass(15 * 60_000);
        sign_in(&rig.server, HERE, sign_in_request(1, 1)).unwrap();
    }

    #[test]
    fn row_20_one_place_cannot_try_every_address_and_the_owner_gets_in_elsewhere() {
        let rig = Rig::new();
        rig.owner(1);
        let tried = (100..200)
            .take_while(|n| {
                let refused = sign_in(&rig.server, HERE, wrong(*n)).unwrap_err();
                refused.code != ErrorCode::TooMany
            })
            .count();
        assert_eq!(tried, 50);
        let refused = sign_in(&rig.server, HERE, sign_in_request(1, 1)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::TooMany);
        sign_in(&rig.server, ELSEWHERE, sign_in_request(1, 1)).unwrap();
        rig.pass(15 * 60_000);
        sign_in(&rig.server, HERE, sign_in_request(1, 1)).unwrap();
    }

    #[test]
    fn neither_right_passwords_nor_refused_tries_use_up_what_a_place_may() {
        let rig = Rig::new();
        rig.owner(1);
        rig.owner(2);
        for _ in 0..60 {
            drop(sign_in(&rig.server, HERE, wrong(2)));
        }
        for _ in 0..20 {
            sign_in(&rig.server, HERE, sign_in_request(1, 1)).unwrap();
        }
        // The ten wrong ones that were looked at are all that the place has used up.
        let left = (100..200)
            .take_while(|n| sign_in(&rig.server, HERE, wrong(*n)).unwrap_err().code != ErrorCode::TooMany)
            .count();
        assert_eq!(left, 40);
    }

    #[test]
    fn row_20_right_passwords_in_a_loop_are_counted_like_wrong_ones() {
        let rig = Rig::new();
        rig.owner(1);
        let from = |n: u8| IpAddr::from([192, 0, 2, n]);
        let signed_in = |n: u8| {
            (0..100)
                .take_while(|_| sign_in(&rig.server, from(n), sign_in_request(1, 1)).is_ok())
                .count()
        };
        assert_eq!([signed_in(1), signed_in(2), signed_in(3)], [30, 10, 10]);
        let refused = sign_in(&rig.server, from(1), sign_in_request(1, 1)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::TooMany);
        sign_in(&rig.server, ELSEWHERE, sign_in_request(1, 1)).unwrap();
        rig.pass(15 * 60_000);
        assert_eq!(signed_in(1), 30);
    }

    #[test]
    fn a_device_keeps_its_numbering_and_loses_its_earlier_session() {
        let rig = Rig::new();
        let first = rig.owner(1);
        let id = sign_in_request(1, 1).device.id;
        let used = DeviceRecord {
            held: Link {
                mid: 41,
                chain: Chain(7),
            },
            last_hlc: Hlc(5),
            ..rig.server.db.read(move |tx| tx.device(id)).unwrap().unwrap()
        };
        rig.server.db.write(move |tx| tx.put_device(&used)).unwrap();
        sign_in(&rig.server, HERE, sign_in_request(1, 1)).unwrap();
        assert_eq!(
            rig.server
                .db
                .read(move |tx| tx.device(id))
                .unwrap()
                .unwrap()
                .held
                .mid,
            41
        );
        assert!(rig.session(&first.token).ended_at.is_some());
    }

    #[test]
    fn a_device_of_another_household_is_refused_after_the_password_was_right() {
        let rig = Rig::new();
        rig.owner(1);
        rig.owner(2);
        let taken = sign_in(&rig.server, HERE, sign_in_request(2, 1)).unwrap_err();
        assert_eq!(taken.code, ErrorCode::DeviceTaken);
        let guessing = SignInRequest {
            password: typed("not the password"),
            ..sign_in_request(2, 1)
        };
        assert_eq!(
            sign_in(&rig.server, HERE, guessing).unwrap_err().code,
            ErrorCode::WrongCredentials
        );
    }

    #[test]
    fn row_13_a_hash_of_less_work_is_replaced_when_its_owner_signs_in() {
        let rig = Rig::with(crate::server::Settings::default());
        rig.owner(1);
        let email = sign_in_request(1, 1).email;
        let hash_of = |email: &Email| {
            let email = email.clone();
            rig.server
                .db
                .read(move |tx| tx.user_by_email(&email))
                .unwrap()
                .unwrap()
        };
        let user = hash_of(&email).id;
        // "correct horse battery" with 8 MiB and one pass.
        let weak = argon2_of_8_mib(PASSWORD);
        rig.server
            .db
            .write(move |tx| tx.set_password_hash(user, &weak))
            .unwrap();
        sign_in(&rig.server, HERE, sign_in_request(1, 1)).unwrap();
        assert!(hash_of(&email).password_hash.contains("m=19456,t=2,p=1"));
        sign_in(&rig.server, HERE, sign_in_request(1, 1)).unwrap();
    }

    fn argon2_of_8_mib(password: &str) -> String {
        use argon2::password_hash::PasswordHasher;
        let params = argon2::Params::new(8 * 1024, 1, 1, None).unwrap();
        let weak = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        weak.hash_password_with_salt(password.as_bytes(), &[7; 16])
            .unwrap()
            .to_string()
    }

    #[test]
    fn row_16_a_password_that_is_changed_while_it_is_looked_at_opens_nothing() {
        let rig = Rig::new();
        rig.owner(1);
        let request = sign_in_request(1, 1);
        let looked_at = rig.server.db.read(move |tx| tx.user_by_email(&request.email));
        let looked_at = looked_at.unwrap().unwrap();
        let (user, other) = (looked_at.id, argon2_of_8_mib("another pass phrase"));
        rig.server
            .db
            .write(move |tx| tx.set_password_hash(user, &other))
            .unwrap();
        let stronger = Some("a hash of the old one".to_owned());
        let refused = open(&rig.server, looked_at, stronger, request.device).unwrap_err();
        assert_eq!(refused.code, ErrorCode::WrongCredentials);
        let kept = rig.server.db.read(move |tx| tx.user(user)).unwrap().unwrap();
        assert!(
            kept.password_hash.starts_with("$argon2id"),
            "nor does it come back"
        );
    }

    #[test]
    fn an_unknown_device_is_added() {
        let rig = Rig::new();
        let first = rig.owner(1);
        let second = sign_in(&rig.server, HERE, sign_in_request(1, 77)).unwrap();
        assert_eq!(second.household, first.household);
        assert_ne!(second.token, first.token);
        assert!(
            rig.session(&first.token).ended_at.is_none(),
            "the other device stays signed in"
        );
        assert_eq!(rig.session(&second.token).device, DeviceId(Uuid::from_u128(77)));
    }
}
