//! Mailed codes: proving an address, and another password for whoever forgot theirs.

use romp_domain::text::{Email, Password};
use romp_domain::time::MINUTE_MS;
use romp_domain::wire::{
    ChangePasswordRequest, ForgotPasswordRequest, PairRequest, ResetPasswordRequest, SessionReply,
    SignInRequest, VerifyEmailRequest,
};
use romp_domain::{AuditEvent, ErrorCode, Problem, Role};

use super::mailed::CODE_MS;
use super::rig::{ELSEWHERE, HERE, PASSWORD, Rig, device, pairing, sign_in_request, typed};
use super::*;
use crate::db::DbExt;

const ANOTHER: &str = "velvet anchor cinnamon orbit";

fn verify(rig: &Rig, owner: &SessionReply, code: &str) -> Result<(), ErrorCode> {
    let request = VerifyEmailRequest {
        code: code.to_owned(),
    };
    verify_email(&rig.server, &rig.session(&owner.token), &request).map_err(|problem| problem.code)
}

fn forgot(rig: &Rig, email: &str) -> Result<(), Problem> {
    let email = Email::new(email).unwrap();
    forgot_password(&rig.server, HERE, ForgotPasswordRequest { email })
}

fn reset(rig: &Rig, code: &str, password: &str) -> Result<(), Problem> {
    let request = ResetPasswordRequest {
        email: Email::new("owner1@example.org").unwrap(),
        code: code.to_owned(),
        password: Password::new(password.into()).unwrap(),
    };
    reset_password(&rig.server, HERE, request)
}

/// The session's new token.
fn change(rig: &Rig, owner: &SessionReply, current: &str, next: &str) -> Result<String, Problem> {
    let request = ChangePasswordRequest {
        current: typed(current),
        password: Password::new(next.into()).unwrap(),
    };
    let reply = change_password(&rig.server, &rig.session(&owner.token), &request)?;
    Ok(reply.token)
}

fn with(password: &str, device: u128) -> SignInRequest {
    SignInRequest {
        password: typed(password),
        ..sign_in_request(1, device)
    }
}

fn unverified(rig: &Rig, owner: &SessionReply) -> bool {
    let household = owner.household;
    rig.server.db.read(move |tx| tx.is_unverified(household)).unwrap()
}

#[test]
fn registering_mails_a_code_that_proves_the_address_once() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    assert!(unverified(&rig, &owner));
    let code = rig.mailed_code();
    assert_eq!(code.len(), 8);
    assert_eq!(verify(&rig, &owner, "AAAAAAAA"), Err(ErrorCode::CodeInvalid));
    verify(&rig, &owner, &code.to_lowercase()).unwrap();
    assert!(!unverified(&rig, &owner));
    assert_eq!(rig.last_entry(owner.household).0, AuditEvent::EmailVerified);
    assert_eq!(verify(&rig, &owner, &code), Err(ErrorCode::CodeInvalid), "once");
    let again = send_code_again(&rig.server, &rig.session(&owner.token)).unwrap_err();
    assert_eq!(again.code, ErrorCode::Frozen);
}

#[test]
fn a_code_ends_after_half_an_hour_and_another_one_can_be_sent_now_and_then() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    let first = rig.mailed_code();
    rig.pass(CODE_MS);
    assert_eq!(verify(&rig, &owner, &first), Err(ErrorCode::CodeInvalid));
    let again = || send_code_again(&rig.server, &rig.session(&owner.token));
    for _ in 0..3 {
        again().unwrap();
    }
    assert_eq!(again().unwrap_err().code, ErrorCode::TooMany);
    assert_eq!(rig.mails().len(), 4);
    let newer = rig
        .mails()
        .into_iter()
        .find(|mail| !mail.contains(&first))
        .unwrap();
    let code = newer.lines().find_map(|line| line.strip_prefix("    ")).unwrap();
    verify(&rig, &owner, code).unwrap();
}

#[test]
fn a_code_is_of_one_user_and_cannot_be_guessed_for_long() {
    let rig = Rig::mailing();
    let (first, second) = (rig.owner(1), rig.owner(2));
    let of_second = rig.mailed_code_of("To: owner2@");
    for _ in 0..10 {
        assert_eq!(verify(&rig, &first, &of_second), Err(ErrorCode::CodeInvalid));
    }
    assert_eq!(verify(&rig, &first, &of_second), Err(ErrorCode::TooMany));
    verify(&rig, &second, &of_second).unwrap();
}

#[test]
fn without_mail_nobody_is_asked_to_prove_an_address_and_the_server_says_so() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    assert!(!unverified(&rig, &owner));
    assert_eq!(verify(&rig, &owner, "AAAAAAAA"), Err(ErrorCode::MailOff));
    let session = rig.session(&owner.token);
    for answer in [
        send_code_again(&rig.server, &session),
        forgot(&rig, "owner1@example.org"),
        reset(&rig, "AAAAAAAA", ANOTHER),
    ] {
        assert_eq!(answer.unwrap_err().code, ErrorCode::MailOff);
    }
}

#[test]
fn row_16_changing_the_password_ends_all_other_sessions_and_keeps_the_own() {
    let rig = Rig::mailing();
    let owner = rig.owner_with_address(1);
    let other = sign_in(&rig.server, HERE, sign_in_request(1, 11)).unwrap();
    let stranger = rig.owner(2);
    forgot(&rig, "owner1@example.org").unwrap();
    let waiting = rig.mailed_code_of("new password");
    let listening = rig.server.pokes.subscribe_sessions(owner.household);
    assert_eq!(
        change(&rig, &owner, "a guess", ANOTHER).unwrap_err().code,
        ErrorCode::WrongCredentials
    );
    assert_eq!(
        change(&rig, &owner, PASSWORD, "owner1owner1").unwrap_err().code,
        ErrorCode::InvalidField
    );
    assert!(rig.session(&other.token).ended_at.is_none());
    let own = change(&rig, &owner, PASSWORD, ANOTHER).unwrap();
    assert!(listening.has_changed().unwrap());
    assert!(rig.session(&other.token).ended_at.is_some());
    assert!(rig.session(&own).ended_at.is_none() && rig.session(&stranger.token).ended_at.is_none());
    assert_eq!(rig.last_entry(owner.household).0, AuditEvent::PasswordChanged);
    assert!(rig.mails().iter().any(|mail| mail.contains("was changed")));
    assert_eq!(
        reset(&rig, &waiting, PASSWORD).unwrap_err().code,
        ErrorCode::CodeInvalid
    );
    let old = sign_in(&rig.server, HERE, with(PASSWORD, 1)).unwrap_err();
    assert_eq!(old.code, ErrorCode::WrongCredentials);
    sign_in(&rig.server, HERE, with(ANOTHER, 1)).unwrap();
}

#[test]
fn a_device_that_joined_with_a_code_changes_no_password() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let desk = rig.paired(&owner, romp_domain::Role::Owner, 50);
    assert_eq!(
        change(&rig, &desk, PASSWORD, ANOTHER).unwrap_err().code,
        ErrorCode::Forbidden
    );
}

#[test]
fn row_16_a_mailed_code_sets_another_password_and_ends_every_session() {
    let rig = Rig::mailing();
    let owner = rig.owner_with_address(1);
    forgot(&rig, "owner1@example.org").unwrap();
    let code = rig.mailed_code_of("new password");
    let weak = reset(&rig, &code, "password1").unwrap_err();
    assert_eq!(weak.code, ErrorCode::InvalidField);
    reset(&rig, &code, ANOTHER).unwrap();
    assert!(rig.session(&owner.token).ended_at.is_some());
    assert_eq!(rig.last_entry(owner.household).0, AuditEvent::PasswordReset);
    assert_eq!(
        reset(&rig, &code, PASSWORD).unwrap_err().code,
        ErrorCode::CodeInvalid,
        "once"
    );
    sign_in(&rig.server, HERE, with(ANOTHER, 1)).unwrap();
}

#[test]
fn row_19_forgetting_a_password_tells_nobody_which_addresses_exist() {
    let rig = Rig::mailing();
    rig.owner_with_address(1);
    let before = rig.mails().len();
    // The request itself makes nothing up and looks nothing up: no code, no id, no mail.
    let server = rig.without_randomness();
    for email in ["owner1@example.org", "nobody@example.org"] {
        let email = Email::new(email).unwrap();
        let answer = forgot_password(&server, HERE, ForgotPasswordRequest { email });
        assert_eq!(answer, Ok(()));
    }
    for email in ["nobody@example.org", "owner1@example.org"] {
        assert_eq!(forgot(&rig, email), Ok(()));
    }
    assert_eq!(rig.mails().len(), before + 1, "one of the two is somebody's");
    let guess = reset(&rig, "AAAAAAAA", ANOTHER).unwrap_err();
    let request = ResetPasswordRequest {
        email: Email::new("nobody@example.org").unwrap(),
        code: "AAAAAAAA".into(),
        password: Password::new("password".into()).unwrap(),
    };
    assert_eq!(reset_password(&rig.server, HERE, request).unwrap_err(), guess);
}

#[test]
fn row_20_asking_for_codes_in_somebody_s_name_keeps_them_from_nothing() {
    let rig = Rig::mailing();
    rig.owner_with_address(1);
    let before = rig.mails().len();
    for n in 0..9_u8 {
        let email = Email::new("owner1@example.org").unwrap();
        let from = [192, 0, 2, 10 + n].into();
        forgot_password(&rig.server, from, ForgotPasswordRequest { email }).unwrap();
    }
    assert_eq!(rig.mails().len(), before + 3, "their mailbox is not flooded");
    // Whoever has it has a code that works, until the next one can be asked for.
    rig.pass(15 * MINUTE_MS - 1);
    reset(&rig, &rig.mailed_code_of("new password"), ANOTHER).unwrap();
    sign_in(&rig.server, ELSEWHERE, with(ANOTHER, 1)).unwrap();
}

#[test]
fn row_20_asking_for_an_address_that_is_nobody_s_uses_nothing_up() {
    let rig = Rig::mailing();
    for _ in 0..5 {
        forgot(&rig, "owner1@example.org").unwrap();
        rig.mails();
    }
    rig.owner(1);
    let before = rig.mails().len();
    forgot(&rig, "owner1@example.org").unwrap();
    assert_eq!(rig.mails().len(), before + 1);
}

#[test]
fn row_20_whoever_is_signed_in_has_tries_that_no_stranger_can_use_up() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    let code = rig.mailed_code();
    let user = rig.session(&owner.token).user.unwrap();
    let now = rig.now();
    let session = rig.session(&owner.token);
    for what in [format!("prove {}", session.id.0), format!("verify {}", user.0)] {
        let who = digest(&what);
        for strangers in [&rig.server.sign_ins, &rig.server.codes] {
            while strangers.count(who, now).is_ok() {}
        }
    }
    prove_password(&rig.server, &session, &typed(PASSWORD)).unwrap();
    verify(&rig, &owner, &code).unwrap();
}

#[test]
fn row_20_right_proofs_in_a_loop_are_counted_like_wrong_ones() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let session = rig.session(&owner.token);
    let proved = || {
        (0..100)
            .take_while(|_| prove_password(&rig.server, &session, &typed(PASSWORD)).is_ok())
            .count()
    };
    assert_eq!(proved(), 30);
    rig.pass(15 * MINUTE_MS);
    assert_eq!(proved(), 30);
}

#[test]
fn codes_for_another_password_cannot_be_guessed_for_long_and_only_the_guesser_waits() {
    let rig = Rig::mailing();
    rig.owner_with_address(1);
    forgot(&rig, "owner1@example.org").unwrap();
    let code = rig.mailed_code_of("new password");
    for _ in 0..10 {
        assert_eq!(
            reset(&rig, "AAAAAAAA", ANOTHER).unwrap_err().code,
            ErrorCode::CodeInvalid
        );
    }
    assert_eq!(reset(&rig, &code, ANOTHER).unwrap_err().code, ErrorCode::TooMany);
    let request = ResetPasswordRequest {
        email: Email::new("owner1@example.org").unwrap(),
        code,
        password: Password::new(ANOTHER.into()).unwrap(),
    };
    reset_password(&rig.server, ELSEWHERE, request).unwrap();
}

/// Two owner's devices, a child's tablet, and a code that waits.
fn let_in(rig: &Rig, owner: &SessionReply) -> ([SessionReply; 2], SessionReply, String) {
    let devices = [50, 51].map(|n| rig.paired(owner, Role::Owner, n));
    let tablet = rig.paired(owner, Role::Child, 52);
    let request = &pairing(Role::Owner);
    let code = create_pairing(&rig.server, &rig.session(&owner.token), request).unwrap();
    (devices, tablet, code.code)
}

/// Whether the owner's devices are out, the child's tablet is in, and the code is worth nothing.
fn only_the_child_stays(
    rig: &Rig,
    (devices, tablet, code): &([SessionReply; 2], SessionReply, String),
) -> bool {
    let ended = |reply: &SessionReply| rig.session(&reply.token).ended_at.is_some();
    let request = PairRequest {
        code: code.clone(),
        device: device(53),
    };
    let refused = pair(&rig.server, ELSEWHERE, request).map_err(|problem| problem.code);
    devices.iter().all(ended) && !ended(tablet) && refused.err() == Some(ErrorCode::CodeInvalid)
}

#[test]
fn row_16_changing_the_password_ends_what_was_let_in_by_code() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    let stranger = rig.owner(2);
    let theirs = rig.paired(&stranger, Role::Owner, 60);
    let paired = let_in(&rig, &owner);
    let own = change(&rig, &owner, PASSWORD, ANOTHER).unwrap();
    assert!(only_the_child_stays(&rig, &paired));
    assert!(rig.session(&own).ended_at.is_none() && rig.session(&theirs.token).ended_at.is_none());
}

#[test]
fn row_16_another_password_by_mail_ends_what_was_let_in_by_code() {
    let rig = Rig::mailing();
    let owner = rig.owner_with_address(1);
    let paired = let_in(&rig, &owner);
    forgot(&rig, "owner1@example.org").unwrap();
    reset(&rig, &rig.mailed_code_of("new password"), ANOTHER).unwrap();
    assert!(only_the_child_stays(&rig, &paired));
}
