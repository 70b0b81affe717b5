//! Change the password: by whoever knows the one that counts until now. All other sessions of the owner end, and the own
//! one goes on with another token: somebody may have a copy of the one that it had.

use romp_domain::wire::{ChangePasswordRequest, RotateReply};
use romp_domain::{AuditEvent, ErrorCode, Problem};

use super::{live_session, prove_password, signed_in};
use crate::audit;
use crate::db::{AuditRecord, DbExt, Purpose, SessionRecord};
use crate::secrets::new_token;
use crate::server::Server;
use crate::strength;

/// Sets another password. Whoever held another session of the owner, any token of this one, or a code for a new password,
/// loses it in the same transaction. Where the answer is lost, the device has to sign in again.
///
/// # Errors
/// `Forbidden` on a paired device, `WrongCredentials`, `TooMany` (per session), `InvalidField` (easy to guess).
pub fn change_password(
    server: &Server,
    session: &SessionRecord,
    request: &ChangePasswordRequest,
) -> Result<RotateReply, Problem> {
    let id = signed_in(session)?;
    prove_password(server, session, &request.current)?;
    let user = server
        .db
        .read(move |tx| tx.user(id))?
        .ok_or(ErrorCode::NotSignedIn)?;
    strength::judge(&request.password, &user.email, Some(&user.name))?;
    let hash = server
        .proof_passwords
        .hash(&*server.random, request.password.expose())?;
    let (secret, next) = new_token(&*server.random);
    let (token, own, now) = (session.token, session.id, server.clock.now());
    server.db.write(move |tx| {
        let session = live_session(tx, &token)?;
        tx.set_password_hash(id, &hash)?;
        tx.forget_mail_codes(id, Purpose::Reset)?;
        tx.end_user_sessions(id, Some(own), now)?;
        tx.replace_tokens(own, &next)?;
        let entry = AuditRecord::of(&session, AuditEvent::PasswordChanged, now);
        audit::note(tx, session.household, &entry)
    })?;
    server.pokes.session_ended(session.household);
    server.tell_of_password(user);
    tracing::info!("password changed");
    Ok(RotateReply {
        token: secret.into_text(),
    })
}

#[cfg(test)]
mod tests {
    use romp_domain::Role;
    use romp_domain::text::Password;

    use super::*;
    use crate::accounts::rig::{PASSWORD, Rig, pairing, typed};
    use crate::accounts::{admit, create_pairing, delete_account, rotate};
    use crate::secrets::token_hash;

    const WORDS: [&str; 2] = ["quiet otters sing", "loud herons dance"];

    fn changed(rig: &Rig, token: &str, current: &str, next: &str) -> String {
        let request = ChangePasswordRequest {
            current: typed(current),
            password: Password::new(next.into()).unwrap(),
        };
        change_password(&rig.server, &rig.session(token), &request)
            .unwrap()
            .token
    }

    fn code(rig: &Rig, token: &str) -> Result<(), ErrorCode> {
        let token = token_hash(token).unwrap();
        admit(&rig.server, token)
            .map(drop)
            .map_err(|problem| problem.code)
    }

    #[test]
    fn row_16_after_another_password_no_copy_of_a_token_opens_anything_and_the_new_one_does() {
        let rig = Rig::new();
        let first = rig.owner(1).token;
        rig.pass(romp_domain::time::DAY_MS);
        let second = rotate(&rig.server, &rig.session(&first)).unwrap().token;
        assert_eq!(code(&rig, &second), Ok(()));
        rig.pass(romp_domain::time::DAY_MS);
        // Somebody has a copy, and asks for the next one.
        let copied = rig.session(&second);
        let third = rotate(&rig.server, &copied).unwrap().token;
        let own = changed(&rig, &second, PASSWORD, WORDS[0]);
        for old in [&first, &second, &third] {
            assert_eq!(code(&rig, old), Err(ErrorCode::NotSignedIn));
        }
        let asked = &pairing(Role::Owner);
        let refused = create_pairing(&rig.server, &copied, asked).unwrap_err();
        assert_eq!(refused.code, ErrorCode::NotSignedIn, "nor what was let in before");
        assert_eq!(code(&rig, &own), Ok(()), "that somebody tried ends nothing");
    }

    #[test]
    fn row_20_whoever_changes_it_again_and_again_mails_nobody_without_end() {
        let rig = Rig::mailing();
        let mut token = rig.owner_with_address(1).token;
        let (mut before, mut changes) = (PASSWORD, 0);
        for round in 0..3 {
            for next in WORDS.iter().cycle().take(4) {
                token = changed(&rig, &token, before, next);
                before = next;
                changes += 1;
            }
            // The account is soon deleted and made again, with the same address.
            let request = romp_domain::wire::DeleteAccountRequest {
                password: typed(before),
            };
            delete_account(&rig.server, &rig.session(&token), &request).unwrap();
            if round < 2 {
                token = rig.owner_with_address(1).token;
                before = PASSWORD;
            }
        }
        let told = rig.mails();
        let told = told.iter().filter(|mail| mail.contains("was changed")).count();
        assert_eq!((changes, told), (12, 3));
    }

    #[test]
    fn row_20_an_address_that_nobody_proved_is_told_of_no_password() {
        let rig = Rig::mailing();
        let token = rig.owner(1).token;
        changed(&rig, &token, PASSWORD, WORDS[0]);
        assert!(!rig.mails().iter().any(|mail| mail.contains("was changed")));
    }
}
