//! How many mails somebody can have sent to an address, and what that keeps nobody from.

use romp_domain::ErrorCode;
use romp_domain::text::Email;
use romp_domain::time::MINUTE_MS;
use romp_domain::wire::{
    DeleteAccountRequest, ForgotPasswordRequest, InviteOwnerRequest, SessionReply, SetAddressRequest,
};

use crate::accounts::rig::{ELSEWHERE, PASSWORD, Rig, typed};
use crate::accounts::{delete_account, forgot_password, send_code_again};
use crate::db::DbExt;
use crate::owners::{invite_owner, set_address};

const OWNER1: &str = "owner1@example.org";

fn forgot(rig: &Rig, email: &str) {
    let email = Email::new(email).unwrap();
    forgot_password(&rig.server, ELSEWHERE, ForgotPasswordRequest { email }).unwrap();
    rig.mails();
}

fn invite(rig: &Rig, by: &SessionReply, email: &str) -> Result<(), ErrorCode> {
    let email = Some(Email::new(email).unwrap());
    let invited = invite_owner(&rig.server, &rig.session(&by.token), InviteOwnerRequest { email });
    invited.map(drop).map_err(|problem| problem.code)
}

fn again(rig: &Rig, owner: &SessionReply) -> Result<(), ErrorCode> {
    send_code_again(&rig.server, &rig.session(&owner.token)).map_err(|problem| problem.code)
}

fn mails_saying(rig: &Rig, saying: &str) -> usize {
    rig.mails().iter().filter(|mail| mail.contains(saying)).count()
}

#[test]
fn row_20_inviting_somebody_s_address_keeps_them_from_no_code_for_another_password() {
    let rig = Rig::mailing();
    rig.owner(1);
    let attacker = rig.owner(2);
    while invite(&rig, &attacker, OWNER1).is_ok() {}
    forgot(&rig, OWNER1);
    assert_eq!(mails_saying(&rig, "new password"), 1);
}

#[test]
fn row_20_asking_for_another_password_keeps_a_new_family_from_no_code() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    for _ in 0..5 {
        forgot(&rig, OWNER1);
    }
    assert_eq!(again(&rig, &owner), Ok(()));
}

#[test]
fn row_19_inviting_an_address_tells_nobody_whether_somebody_has_it() {
    let rig = Rig::mailing();
    rig.owner(1);
    let attacker = rig.owner(2);
    let told = |email: &str| {
        for _ in 0..3 {
            forgot(&rig, email);
        }
        [(); 4].map(|()| invite(&rig, &attacker, email))
    };
    assert_eq!(told(OWNER1), told("nobody@example.org"));
}

#[test]
fn one_owner_s_invitations_are_counted_by_address() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    for _ in 0..3 {
        invite(&rig, &owner, "ben@example.org").unwrap();
    }
    let one_more = invite(&rig, &owner, "ben@example.org");
    assert_eq!(one_more, Err(ErrorCode::TooMany));
    invite(&rig, &owner, "cleo@example.org").unwrap();
}

fn delete(rig: &Rig, owner: &SessionReply) {
    let password = typed(PASSWORD);
    let session = rig.session(&owner.token);
    delete_account(&rig.server, &session, &DeleteAccountRequest { password }).unwrap();
}

#[test]
fn row_20_registering_and_deleting_in_a_loop_mails_nobody_without_end() {
    let rig = Rig::mailing();
    for _ in 0..8 {
        delete(&rig, &rig.owner(1));
    }
    assert_eq!(rig.mails().len(), 3);
    rig.pass(15 * MINUTE_MS);
    rig.owner(1);
    assert_eq!(rig.mails().len(), 4);
}

#[test]
fn whoever_is_sent_no_letter_still_has_to_prove_the_address_and_can_ask_for_one() {
    let rig = Rig::mailing();
    for _ in 0..3 {
        delete(&rig, &rig.owner(1));
    }
    let owner = rig.owner(1);
    assert_eq!(rig.mails().len(), 3);
    let household = owner.household;
    assert!(rig.server.db.read(move |tx| tx.is_unverified(household)).unwrap());
    assert_eq!(again(&rig, &owner), Ok(()));
    assert_eq!(rig.mails().len(), 4);
}

#[test]
fn row_20_a_family_that_gives_one_address_after_the_other_mails_to_few_of_them() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    for n in 0..10 {
        let request = SetAddressRequest {
            email: Email::new(&format!("victim+{n}@example.org")).unwrap(),
            password: typed(PASSWORD),
        };
        set_address(&rig.server, &rig.session(&owner.token), request).unwrap();
        while again(&rig, &owner).is_ok() {}
    }
    // Three first ones to the mailbox, and ten that its owner asked for once more.
    assert_eq!(mails_saying(&rig, "To: victim+"), 13);
    rig.pass(15 * MINUTE_MS);
    assert_eq!(again(&rig, &owner), Ok(()));
}
