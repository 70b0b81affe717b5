//! Addresses that somebody gave who need not have them: whoever has one is not kept out for long.

use romp_domain::time::DAY_MS;
use romp_domain::wire::{
    DeleteAccountRequest, ForgotPasswordRequest, RegisterRequest, ResetPasswordRequest, SetAddressRequest,
    VerifyEmailRequest,
};

use super::*;
use crate::accounts::rig::register_request;
use crate::accounts::{
    delete_account, forgot_password, invite, register, reset_password, send_code_again, sign_out,
    verify_email,
};
use crate::owners::{Verdict, judge_address, set_address};

fn founding(rig: &Rig, email: &str, device: u128) -> Result<SessionReply, ErrorCode> {
    let invitation = invite(&rig.server, 1).unwrap();
    let request = RegisterRequest {
        email: Email::new(email).unwrap(),
        ..register_request(device, Some(invitation.expose()))
    };
    register(&rig.server, HERE, request).map_err(|problem| problem.code)
}

fn leave(rig: &Rig, reply: &SessionReply) -> Result<(), ErrorCode> {
    let request = DeleteAccountRequest {
        password: typed(PASSWORD),
    };
    delete_account(&rig.server, &rig.session(&reply.token), &request).map_err(|problem| problem.code)
}

#[test]
fn row_20_an_address_that_somebody_gave_who_waits_is_free_after_a_day() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let claim = waiting(&rig, &owner, 2);
    let claimed = "owner2@example.org";
    assert_eq!(founding(&rig, claimed, 20).unwrap_err(), ErrorCode::EmailTaken);
    rig.pass(DAY_MS);
    let own = founding(&rig, claimed, 20).unwrap();
    assert_eq!(live(&rig, &claim), Err(ErrorCode::AccountGone));
    assert_eq!(told(&rig, &owner).owners.len(), 1);
    assert_eq!(rig.last_entry(owner.household).0, AuditEvent::OwnerRemoved);
    assert_eq!(live(&rig, &own), Ok(()));
    // An owner's address is never free, and neither is one that was proved.
    rig.pass(DAY_MS);
    assert_eq!(founding(&rig, claimed, 21).unwrap_err(), ErrorCode::EmailTaken);
    let third = waiting(&rig, &owner, 3);
    let user = id(&rig, &third);
    let now = rig.now();
    rig.server.db.write(move |tx| tx.verify_user(user, now)).unwrap();
    rig.pass(DAY_MS);
    let code = invited(&rig, &own);
    let again = join_as_owner(
        &rig.server,
        HERE,
        JoinAsOwnerRequest {
            device: device(30),
            ..joining(3, &code)
        },
    );
    assert_eq!(again.unwrap_err().code, ErrorCode::EmailTaken);
}

/// Asks for another password by mail, and types the code.
fn reset(rig: &Rig, email: &str) -> Result<(), ErrorCode> {
    let email = Email::new(email).unwrap();
    let forgot = ForgotPasswordRequest { email: email.clone() };
    forgot_password(&rig.server, HERE, forgot).unwrap();
    let reset = ResetPasswordRequest {
        email,
        code: rig.mailed_code_of("new password"),
        password: Password::new("quiet otters sing".into()).unwrap(),
    };
    reset_password(&rig.server, HERE, reset).map_err(|problem| problem.code)
}

fn moved(rig: &Rig, owner: &SessionReply, email: &str, password: &str) -> Result<(), ErrorCode> {
    let request = SetAddressRequest {
        email: Email::new(email).unwrap(),
        password: typed(password),
    };
    set_address(&rig.server, &rig.session(&owner.token), request).map_err(|problem| problem.code)
}

#[test]
fn row_20_whoever_has_the_mailbox_takes_a_claim_on_it_away() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    let claim = waiting(&rig, &owner, 2);
    assert_eq!(reset(&rig, "owner2@example.org"), Err(ErrorCode::AddressFreed));
    assert_eq!(live(&rig, &claim), Err(ErrorCode::AccountGone));
    assert_eq!(live(&rig, &owner), Ok(()), "the family stays");
    assert_eq!(told(&rig, &owner).owners.len(), 1);
    founding(&rig, "owner2@example.org", 41).unwrap();
}

#[test]
fn row_02_whoever_has_the_mailbox_of_an_address_that_nobody_proved_gets_the_address_and_no_family() {
    let rig = Rig::mailing();
    // Mistyped, or on purpose: from here nobody can tell.
    let owner = rig.owner(1);
    let accomplice = waiting(&rig, &owner, 2);
    confirm(&rig, &owner, id(&rig, &accomplice)).unwrap();
    let other = rig.owner(3);
    let mine = "owner1@example.org";
    assert_eq!(reset(&rig, mine), Err(ErrorCode::AddressFreed));
    for password in [PASSWORD, "quiet otters sing"] {
        let mut signing = sign_in_request(1, 40);
        signing.password = typed(password);
        let refused = sign_in(&rig.server, HERE, signing).unwrap_err();
        assert_eq!(refused.code, ErrorCode::WrongCredentials);
    }
    let standing = told(&rig, &owner);
    assert!(standing.unverified, "nobody is shown for it");
    assert!(standing.me.unwrap().email.is_freed());
    assert_eq!(
        [&owner, &accomplice].map(|reply| live(&rig, reply)),
        [Ok(()), Ok(())]
    );
    let own = founding(&rig, mine, 41).unwrap();
    assert_ne!(own.household, owner.household);
    assert_eq!(told(&rig, &own).owners.len(), 1);
    // Whoever gave it gives another one, nobody's, and not that one once more before its owner has come.
    assert_eq!(reset(&rig, "owner3@example.org"), Err(ErrorCode::AddressFreed));
    assert_eq!(
        moved(&rig, &other, "owner3@example.org", PASSWORD),
        Err(ErrorCode::EmailTaken)
    );
    rig.pass(DAY_MS);
    moved(&rig, &other, "owner3@example.org", PASSWORD).unwrap();
    let again = send_code_again(&rig.server, &rig.session(&owner.token)).unwrap_err();
    assert_eq!(again.code, ErrorCode::Frozen);
    assert_eq!(moved(&rig, &owner, mine, PASSWORD), Err(ErrorCode::EmailTaken));
    assert_eq!(
        moved(&rig, &owner, "ann@example.org", "open sesame"),
        Err(ErrorCode::WrongCredentials)
    );
    moved(&rig, &owner, "ann@example.org", PASSWORD).unwrap();
    assert_eq!(rig.last_entry(owner.household).0, AuditEvent::AddressSet);
    let request = VerifyEmailRequest {
        code: rig.mailed_code_of("ann@example.org"),
    };
    verify_email(&rig.server, &rig.session(&owner.token), &request).unwrap();
    assert!(!told(&rig, &owner).unverified);
    assert_eq!(
        moved(&rig, &owner, "other@example.org", PASSWORD),
        Err(ErrorCode::Frozen)
    );
    assert_eq!(reset(&rig, "ann@example.org"), Ok(()));
}

#[test]
fn where_no_mail_goes_out_another_address_is_given_all_the_same() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    moved(&rig, &owner, "ann@example.org", PASSWORD).unwrap();
    let email = Email::new("ann@example.org").unwrap();
    judge_address(&rig.server, email, Verdict::Free).unwrap();
    let nobodys = told(&rig, &owner).me.unwrap().email;
    let signing = romp_domain::wire::SignInRequest {
        email: nobodys,
        ..sign_in_request(1, 40)
    };
    let refused = sign_in(&rig.server, HERE, signing).unwrap_err();
    assert_eq!(refused.code, ErrorCode::WrongCredentials, "that is no address");
}

#[test]
fn row_20_a_code_for_the_address_before_proves_nothing() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    let before = rig.mailed_code();
    moved(&rig, &owner, "ann@example.org", PASSWORD).unwrap();
    let request = VerifyEmailRequest { code: before };
    let refused = verify_email(&rig.server, &rig.session(&owner.token), &request).unwrap_err();
    assert_eq!(refused.code, ErrorCode::CodeInvalid);
}

#[test]
fn whoever_runs_the_server_says_whose_an_address_is() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    let of = |n: u128| Email::new(&format!("owner{n}@example.org")).unwrap();
    let judge = |n, verdict| judge_address(&rig.server, of(n), verdict).map_err(|problem| problem.code);
    assert_eq!(judge(7, Verdict::Free), Err(ErrorCode::NotFound));
    judge(1, Verdict::Prove).unwrap();
    assert!(!told(&rig, &owner).unverified);
    for verdict in [Verdict::Free, Verdict::Prove] {
        assert_eq!(judge(1, verdict), Err(ErrorCode::Frozen));
    }
    let squatter = rig.owner(2);
    judge(2, Verdict::Free).unwrap();
    assert!(told(&rig, &squatter).me.unwrap().email.is_freed());
    assert_eq!(rig.last_entry(squatter.household).0, AuditEvent::AddressFreed);
    founding(&rig, "owner2@example.org", 41).unwrap();
}

#[test]
fn row_20_whoever_invites_and_leaves_in_a_loop_mails_few() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    let before = rig.mails().len();
    for n in 0..30 {
        let code = invited(&rig, &owner);
        let joining = JoinAsOwnerRequest {
            email: Email::new(&format!("victim{n}@example.org")).unwrap(),
            ..joining(50, &code)
        };
        let second = join_as_owner(&rig.server, HERE, joining).unwrap();
        leave(&rig, &second).unwrap();
    }
    assert_eq!(rig.mails().len(), before + 10);
}

#[test]
fn row_09_whoever_waits_takes_none_of_the_familys_codes_away() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    waiting(&rig, &owner, 2);
    let asked = &pairing(Role::Owner);
    let code = create_pairing(&rig.server, &rig.session(&owner.token), asked).unwrap();
    let again = sign_in(&rig.server, HERE, sign_in_request(2, 2)).unwrap();
    sign_out(&rig.server, &rig.session(&again.token)).unwrap();
    let request = PairRequest {
        code: code.code,
        device: device(50),
    };
    pair(&rig.server, HERE, request).unwrap();
}

#[test]
fn row_09_whoever_waits_deletes_only_themselves() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let second = waiting(&rig, &owner, 2);
    leave(&rig, &second).unwrap();
    assert_eq!(live(&rig, &second), Err(ErrorCode::AccountGone));
    assert_eq!(live(&rig, &owner), Ok(()));
    let household = owner.household;
    let there = rig.server.db.read(move |tx| tx.household(household)).unwrap();
    assert!(there.is_some());
    // Who was let in deletes the family, as before.
    let third = waiting(&rig, &owner, 3);
    confirm(&rig, &owner, id(&rig, &third)).unwrap();
    leave(&rig, &third).unwrap();
    assert_eq!(live(&rig, &owner), Err(ErrorCode::AccountGone));
}
