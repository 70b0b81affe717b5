//! Addresses that somebody gave who need not have them: whoever has one is not kept out for long.

use romp_domain::time::DAY_MS;
use romp_domain::wire::{DeleteAccountRequest, RegisterRequest};

use super::*;
use crate::accounts::rig::register_request;
use crate::accounts::{delete_account, invite, register, reset_password, sign_out};

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

#[test]
fn row_20_whoever_has_the_mailbox_takes_a_claim_on_it_over_and_leaves() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    waiting(&rig, &owner, 2);
    let email = Email::new("owner2@example.org").unwrap();
    let forgot = romp_domain::wire::ForgotPasswordRequest { email: email.clone() };
    crate::accounts::forgot_password(&rig.server, HERE, forgot).unwrap();
    let reset = romp_domain::wire::ResetPasswordRequest {
        email,
        code: rig.mailed_code_of("new password"),
        password: Password::new("quiet otters sing".into()).unwrap(),
    };
    reset_password(&rig.server, HERE, reset).unwrap();
    let mut signing = sign_in_request(2, 40);
    signing.password = typed("quiet otters sing");
    let own = sign_in(&rig.server, HERE, signing).unwrap();
    let request = DeleteAccountRequest {
        password: typed("quiet otters sing"),
    };
    delete_account(&rig.server, &rig.session(&own.token), &request).unwrap();
    assert_eq!(live(&rig, &owner), Ok(()), "the family stays");
    assert_eq!(told(&rig, &owner).owners.len(), 1);
    founding(&rig, "owner2@example.org", 41).unwrap();
}

#[test]
fn row_09_whoever_waits_takes_none_of_the_familys_codes_away() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    waiting(&rig, &owner, 2);
    let asked = PairingRequest { role: Role::Owner };
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
