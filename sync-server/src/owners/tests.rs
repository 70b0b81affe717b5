//! A second owner, from the invitation to the end.

mod claims;

use romp_domain::text::{Email, Password, PersonName};
use romp_domain::wire::{
    ConfirmOwnerRequest, InviteOwnerRequest, JoinAsOwnerRequest, MeReply, PairRequest, RemoveOwnerRequest,
    RenameRequest, SessionReply, WaitingOwnerRequest,
};
use romp_domain::{AuditEvent, ErrorCode, Problem, Role, UserId};
use uuid::Uuid;

use super::*;
use crate::accounts::rig::{HERE, PASSWORD, Rig, device, pairing, sign_in_request, typed};
use crate::accounts::{create_pairing, live_session, pair, sign_in};
use crate::db::DbExt;

fn invited(rig: &Rig, owner: &SessionReply) -> String {
    let request = InviteOwnerRequest { email: None };
    invite_owner(&rig.server, &rig.session(&owner.token), request)
        .unwrap()
        .code
}

fn joining(n: u128, code: &str) -> JoinAsOwnerRequest {
    JoinAsOwnerRequest {
        code: code.to_owned(),
        email: Email::new(&format!("owner{n}@example.org")).unwrap(),
        password: Password::new(PASSWORD.into()).unwrap(),
        name: PersonName::new("Ben").unwrap(),
        device: device(n),
    }
}

/// Somebody who was invited by the owner, and waits.
fn waiting(rig: &Rig, owner: &SessionReply, n: u128) -> SessionReply {
    join_as_owner(&rig.server, HERE, joining(n, &invited(rig, owner))).unwrap()
}

fn told(rig: &Rig, reply: &SessionReply) -> MeReply {
    me(&rig.server, &rig.session(&reply.token)).unwrap()
}

fn id(rig: &Rig, reply: &SessionReply) -> UserId {
    told(rig, reply).me.unwrap().user
}

fn confirm_with(rig: &Rig, by: &SessionReply, user: UserId, password: &str) -> Result<(), Problem> {
    let password = typed(password);
    let request = ConfirmOwnerRequest { user, password };
    confirm_owner(&rig.server, &rig.session(&by.token), &request)
}

fn confirm(rig: &Rig, by: &SessionReply, user: UserId) -> Result<(), Problem> {
    confirm_with(rig, by, user, PASSWORD)
}

fn remove(rig: &Rig, by: &SessionReply, user: UserId, password: &str) -> Result<(), Problem> {
    let password = typed(password);
    remove_owner(
        &rig.server,
        &rig.session(&by.token),
        &RemoveOwnerRequest { user, password },
    )
}

fn live(rig: &Rig, reply: &SessionReply) -> Result<(), ErrorCode> {
    let token = crate::secrets::token_hash(&reply.token).unwrap();
    let found = rig.server.db.read(move |tx| live_session(tx, &token));
    found.map(drop).map_err(|fault| Problem::from(fault).code)
}

#[test]
fn row_09_whoever_was_invited_is_no_owner_until_one_of_the_family_says_so() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let second = waiting(&rig, &owner, 2);
    assert_eq!(second.household, owner.household);
    let session = rig.session(&second.token);
    assert!(session.waiting);
    assert_eq!(live(&rig, &second), Err(ErrorCode::OwnerWaiting));
    let role = Role::Owner;
    let code = |problem: Problem| problem.code;
    let server = &rig.server;
    let user = id(&rig, &second);
    let refused = [
        create_pairing(server, &session, &pairing(role)).map(drop),
        invite_owner(server, &session, InviteOwnerRequest { email: None }).map(drop),
        confirm(&rig, &second, user),
        refuse_owner(server, &session, WaitingOwnerRequest { user }),
        rename(
            server,
            &session,
            RenameRequest {
                name: PersonName::new("Eve").unwrap(),
            },
        ),
        remove(&rig, &second, id(&rig, &owner), PASSWORD),
        crate::sync::sync(server, &session, romp_domain::wire::SyncRequest::default()).map(drop),
    ];
    for answer in refused {
        assert_eq!(answer.map_err(code), Err(ErrorCode::OwnerWaiting));
    }
    let standing = told(&rig, &second);
    assert!(standing.owners.is_empty(), "of the family nothing is told");
    assert!(!standing.me.unwrap().confirmed);

    confirm(&rig, &owner, user).unwrap();
    assert_eq!(live(&rig, &second), Ok(()));
    assert_eq!(rig.last_entry(owner.household).0, AuditEvent::OwnerConfirmed);
    let names: Vec<_> = told(&rig, &second)
        .owners
        .into_iter()
        .map(|owner| owner.confirmed)
        .collect();
    assert_eq!(names, [true, true]);
    create_pairing(server, &rig.session(&second.token), &pairing(role)).unwrap();
    assert_eq!(
        confirm(&rig, &owner, user).unwrap_err().code,
        ErrorCode::NotFound,
        "once"
    );
}

#[test]
fn row_09_a_session_alone_makes_nobody_an_owner_and_the_password_cannot_be_guessed_for_long() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let second = waiting(&rig, &owner, 2);
    let user = id(&rig, &second);
    let guess = || confirm_with(&rig, &owner, user, "a guess").unwrap_err().code;
    assert_eq!(guess(), ErrorCode::WrongCredentials);
    assert_eq!(live(&rig, &second), Err(ErrorCode::OwnerWaiting));
    assert!((0..20).any(|_| guess() == ErrorCode::TooMany));
    assert_eq!(confirm(&rig, &owner, user).unwrap_err().code, ErrorCode::TooMany);
    assert_eq!(live(&rig, &second), Err(ErrorCode::OwnerWaiting));
}

#[test]
fn row_09_signing_in_again_lets_nobody_in_who_waits() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    waiting(&rig, &owner, 2);
    let again = sign_in(&rig.server, HERE, sign_in_request(2, 22)).unwrap();
    assert_eq!(live(&rig, &again), Err(ErrorCode::OwnerWaiting));
}

#[test]
fn an_invitation_works_once_for_seven_days_and_not_at_all_when_it_is_made_up() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let code = invited(&rig, &owner);
    join_as_owner(&rig.server, HERE, joining(2, &code)).unwrap();
    let late = invited(&rig, &owner);
    rig.pass(INVITATION_MS);
    for code in [code.as_str(), late.as_str(), "AAAA-AAAA-AAAA-AAAA", "x"] {
        let refused = join_as_owner(&rig.server, HERE, joining(3, code)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvitationInvalid, "{code}");
    }
}

#[test]
fn a_taken_address_or_a_weak_password_does_not_use_the_invitation_up() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    rig.owner(9);
    let code = invited(&rig, &owner);
    let with_device = |n| JoinAsOwnerRequest {
        device: device(n),
        ..joining(9, &code)
    };
    let taken = join_as_owner(&rig.server, HERE, with_device(50)).unwrap_err();
    assert_eq!(taken.code, ErrorCode::EmailTaken);
    // Without a new device nobody is told whether an address is taken.
    let known = join_as_owner(&rig.server, HERE, with_device(9)).unwrap_err();
    assert_eq!(known.code, ErrorCode::DeviceTaken);
    let weak = JoinAsOwnerRequest {
        password: Password::new("ben12345".into()).unwrap(),
        ..joining(2, &code)
    };
    let weak = join_as_owner(&rig.server, HERE, weak).unwrap_err();
    assert_eq!(
        (weak.code, weak.field.as_deref()),
        (ErrorCode::InvalidField, Some("password"))
    );
    join_as_owner(&rig.server, HERE, joining(2, &code)).unwrap();
}

#[test]
fn whoever_is_not_let_in_is_forgotten_and_their_device_is_told() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let second = waiting(&rig, &owner, 2);
    let user = id(&rig, &second);
    let listening = rig.server.pokes.subscribe_sessions(owner.household);
    let session = rig.session(&owner.token);
    refuse_owner(&rig.server, &session, WaitingOwnerRequest { user }).unwrap();
    assert!(listening.has_changed().unwrap());
    assert_eq!(live(&rig, &second), Err(ErrorCode::AccountGone));
    assert_eq!(told(&rig, &owner).owners.len(), 1);
    let gone = sign_in(&rig.server, HERE, sign_in_request(2, 2)).unwrap_err();
    assert_eq!(gone.code, ErrorCode::WrongCredentials);
}

#[test]
fn taking_an_owner_out_needs_the_own_password_and_ends_their_sessions() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let second = waiting(&rig, &owner, 2);
    let user = id(&rig, &second);
    assert_eq!(
        remove(&rig, &owner, user, PASSWORD).unwrap_err().code,
        ErrorCode::NotFound,
        "only waits"
    );
    confirm(&rig, &owner, user).unwrap();
    let elsewhere = sign_in(&rig.server, HERE, sign_in_request(2, 22)).unwrap();
    assert_eq!(
        remove(&rig, &owner, user, "a guess").unwrap_err().code,
        ErrorCode::WrongCredentials
    );
    assert_eq!(
        remove(&rig, &owner, id(&rig, &owner), PASSWORD).unwrap_err().code,
        ErrorCode::Forbidden
    );
    assert_eq!(live(&rig, &elsewhere), Ok(()));
    remove(&rig, &owner, user, PASSWORD).unwrap();
    for reply in [&second, &elsewhere] {
        assert_eq!(live(&rig, reply), Err(ErrorCode::AccountGone));
    }
    assert_eq!(live(&rig, &owner), Ok(()));
    assert_eq!(rig.last_entry(owner.household).0, AuditEvent::OwnerRemoved);
}

#[test]
fn row_16_whoever_is_taken_out_leaves_no_device_code_or_invitation_behind() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let second = waiting(&rig, &owner, 2);
    let user = id(&rig, &second);
    confirm(&rig, &owner, user).unwrap();
    let desk = rig.paired(&second, Role::Owner, 50);
    let tablet = rig.paired(&second, Role::Child, 52);
    let kept = [(Role::Owner, 53), (Role::Child, 54)].map(|(role, n)| rig.paired(&owner, role, n));
    let request = &pairing(Role::Owner);
    let code = create_pairing(&rig.server, &rig.session(&second.token), request).unwrap();
    let invitation = invited(&rig, &second);
    remove(&rig, &owner, user, PASSWORD).unwrap();
    assert_eq!(live(&rig, &desk), Err(ErrorCode::AccountGone));
    // It forgets what it was sent, and keeps what was chosen on it for the family.
    assert_eq!(live(&rig, &tablet), Err(ErrorCode::NotSignedIn));
    assert_eq!(kept.map(|reply| live(&rig, &reply)), [Ok(()), Ok(())]);
    let request = PairRequest {
        code: code.code,
        device: device(55),
    };
    let refused = pair(&rig.server, HERE, request).unwrap_err();
    assert_eq!(refused.code, ErrorCode::CodeInvalid);
    let refused = join_as_owner(&rig.server, HERE, joining(3, &invitation)).unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvitationInvalid);
}

#[test]
fn another_family_s_owners_do_not_exist() {
    let rig = Rig::new();
    let (owner, other) = (rig.owner(1), rig.owner(5));
    let second = waiting(&rig, &owner, 2);
    let nobody = UserId(Uuid::from_u128(404));
    let server = &rig.server;
    for user in [id(&rig, &second), id(&rig, &owner), nobody] {
        let session = rig.session(&other.token);
        let request = WaitingOwnerRequest { user };
        let missing = Problem::new(ErrorCode::NotFound);
        assert_eq!(confirm(&rig, &other, user).unwrap_err(), missing);
        assert_eq!(refuse_owner(server, &session, request).unwrap_err(), missing);
        assert_eq!(remove(&rig, &other, user, PASSWORD).unwrap_err(), missing);
    }
    assert_eq!(told(&rig, &owner).owners.len(), 2);
}

#[test]
fn a_device_that_joined_with_a_code_invites_confirms_and_takes_out_nobody() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let desk = rig.paired(&owner, Role::Owner, 50);
    let second = waiting(&rig, &owner, 2);
    let user = id(&rig, &second);
    let session = rig.session(&desk.token);
    let request = InviteOwnerRequest { email: None };
    assert_eq!(
        invite_owner(&rig.server, &session, request).unwrap_err().code,
        ErrorCode::Forbidden
    );
    assert_eq!(confirm(&rig, &desk, user).unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(
        remove(&rig, &desk, user, PASSWORD).unwrap_err().code,
        ErrorCode::Forbidden
    );
    assert!(told(&rig, &desk).me.is_none() && told(&rig, &desk).owners.len() == 2);
}

#[test]
fn an_invitation_is_mailed_where_mail_goes_out_and_nothing_typed_is_in_it() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let email = || Some(Email::new("ben@example.org").unwrap());
    let ask = |rig: &Rig, owner: &SessionReply| {
        let request = InviteOwnerRequest { email: email() };
        invite_owner(&rig.server, &rig.session(&owner.token), request)
    };
    assert_eq!(ask(&rig, &owner).unwrap_err().code, ErrorCode::MailOff);
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    let name = PersonName::new("K4N4R1").unwrap();
    rename(&rig.server, &rig.session(&owner.token), RenameRequest { name }).unwrap();
    let reply = ask(&rig, &owner).unwrap();
    let mail = rig
        .mails()
        .into_iter()
        .rfind(|mail| mail.contains("invitation"))
        .unwrap();
    assert!(
        mail.contains(&reply.code) && mail.contains("To: ben@example.org"),
        "{mail}"
    );
    assert!(!mail.contains("K4N4R1"), "{mail}");
    let told = told(&rig, &owner);
    assert_eq!(told.me.unwrap().name.as_str(), "K4N4R1");
    for _ in 0..2 {
        ask(&rig, &owner).unwrap();
    }
    assert_eq!(ask(&rig, &owner).unwrap_err().code, ErrorCode::TooMany);
}

#[test]
fn row_20_inviting_joining_and_refusing_in_a_loop_mails_nobody_without_end() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    for _ in 0..8 {
        let second = waiting(&rig, &owner, 2);
        let user = id(&rig, &second);
        refuse_owner(
            &rig.server,
            &rig.session(&owner.token),
            WaitingOwnerRequest { user },
        )
        .unwrap();
    }
    let to_them = |mail: &&String| mail.contains("To: owner2@");
    assert_eq!(rig.mails().iter().filter(to_them).count(), 3);
}

#[test]
fn a_family_takes_part_once_an_owner_is_confirmed_who_has_proved_an_address() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    let hidden = || {
        let household = owner.household;
        rig.server.db.read(move |tx| tx.is_unverified(household)).unwrap()
    };
    let (second, third) = (waiting(&rig, &owner, 2), waiting(&rig, &owner, 3));
    let [second, third] = [id(&rig, &second), id(&rig, &third)];
    let now = rig.now();
    rig.server
        .db
        .write(move |tx| tx.verify_user(second, now))
        .unwrap();
    confirm(&rig, &owner, third).unwrap();
    assert!(hidden(), "nobody who belongs to the family has proved an address");
    confirm(&rig, &owner, second).unwrap();
    assert!(!hidden());
}

#[test]
fn a_family_has_eight_owners_at_most() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let spare = invited(&rig, &owner);
    for n in 2..=MOST_OWNERS as u128 {
        waiting(&rig, &owner, n);
    }
    let full = join_as_owner(&rig.server, HERE, joining(99, &spare)).unwrap_err();
    assert_eq!(full.code, ErrorCode::Frozen);
    let request = InviteOwnerRequest { email: None };
    let full = invite_owner(&rig.server, &rig.session(&owner.token), request).unwrap_err();
    assert_eq!(full.code, ErrorCode::Frozen);
}
