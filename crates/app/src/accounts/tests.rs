//! Joining a family: what is kept, what is refused, and what never shows.

use std::collections::BTreeSet;

use romp_domain::calls::{HouseholdGet, HouseholdSave, Pair, PairingCreate, SignIn, SignOut, SyncNow};
use romp_domain::pairing::PairingLink;
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::view::Connection;
use romp_domain::{
    Area, Consent, ErrorCode, Kind, Op, Pet, Problem, Role, Species, UtcMs, Verdict, ZoneName,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::{Device, NOW, PASSWORD, code, pet};
use crate::{Token, Vault};

fn sign_in() -> SignIn {
    let like = Device::registration();
    SignIn {
        server: like.server,
        email: like.email,
        password: PASSWORD.to_owned().try_into().unwrap(),
        device: like.device,
    }
}

#[tokio::test]
async fn a_device_that_worked_alone_joins_without_losing_a_row() {
    let device = Device::new();
    let (rex, mia) = (device.add_pet("Rex").await, device.add_child("Mia").await);
    device.deck(rex).await;
    device.call(Device::registration()).await.unwrap();

    let status = device.status().await;
    assert_eq!(
        (status.role, status.connection, status.pending),
        (Role::Owner, Connection::Online, 0)
    );
    let account = status.account.unwrap();
    assert_eq!(
        (account.server.as_str(), account.email.as_deref()),
        ("https://romp.example", Some("ann@romp.example"))
    );
    let sent: Vec<_> = device
        .server
        .applied()
        .iter()
        .map(|mutation| mutation.id)
        .collect();
    assert_eq!(sent, [rex.0, mia.0, HOUSEHOLD_ROW]);
    assert_eq!(device.row::<Pet>(rex.0), Some(pet("Rex")));
    assert_eq!(
        device.server.registrations()[0].invitation.as_deref(),
        Some("CODE"),
        "without the spaces"
    );
}

#[tokio::test]
async fn a_session_outlives_the_app_where_the_vault_keeps_it() {
    let device = Device::registered().await.restarted();
    device.sync().await;
    assert_eq!(device.status().await.connection, Connection::Online);
    device.vault.clear().unwrap();
    let device = device.restarted();
    assert_eq!(device.status().await.connection, Connection::SignedOut);
}

#[tokio::test]
async fn being_offline_right_after_joining_is_no_failure() {
    let device = Device::new();
    device.add_pet("Rex").await;
    device.server.loses_answers(true);
    device.call(Device::registration()).await.unwrap();
    let status = device.status().await;
    let pet_and_zone = 2;
    assert_eq!(
        (status.connection, status.pending),
        (Connection::Offline, pet_and_zone)
    );
}

#[tokio::test]
async fn a_refused_registration_leaves_the_device_as_it_was() {
    let device = Device::new();
    device.add_pet("Rex").await;
    device.server.fails(Problem::new(ErrorCode::InvitationInvalid));
    assert_eq!(
        code(device.call(Device::registration()).await),
        ErrorCode::InvitationInvalid
    );
    let status = device.status().await;
    assert_eq!(
        (status.connection, status.pending, status.account),
        (Connection::NotJoined, 1, None)
    );
}

#[tokio::test]
async fn a_device_in_a_family_joins_no_other() {
    let device = Device::registered().await;
    assert_eq!(
        code(device.call(Device::registration()).await),
        ErrorCode::AlreadyJoined
    );
    assert_eq!(code(device.call(sign_in()).await), ErrorCode::AlreadyJoined);
    assert_eq!(
        code(device.call(Device::pairing()).await),
        ErrorCode::AlreadyJoined
    );

    device.call(SignOut {}).await.unwrap();
    assert_eq!(
        code(device.call(Device::registration()).await),
        ErrorCode::AlreadyJoined
    );
    device.server.moves_to_another_household();
    assert_eq!(code(device.call(sign_in()).await), ErrorCode::AlreadyJoined);
    assert_eq!(device.server.sessions(), 0, "the session it cannot use is ended");
    assert_eq!(device.status().await.connection, Connection::SignedOut);
}

#[tokio::test]
async fn signing_out_keeps_the_data_and_signing_in_again_goes_on() {
    let device = Device::registered().await;
    let rex = device.add_pet("Rex").await;
    device.server.fails(Problem::new(ErrorCode::Offline));
    device.call(SignOut {}).await.unwrap();
    assert_eq!(device.vault.load().unwrap(), None);
    device.server.fails(None);
    let device = device.restarted();
    assert_eq!(device.row::<Pet>(rex.0), Some(pet("Rex")));
    assert_eq!(device.status().await.pending, 1);
    device.call(sign_in()).await.unwrap();
    assert_eq!(
        (device.status().await.pending, device.server.applied().len()),
        (0, 2)
    );
}

#[tokio::test]
async fn a_device_with_an_owners_data_does_not_become_a_childs() {
    let device = Device::new();
    device.add_pet("Rex").await;
    device.server.pairs_as(Role::Child);
    assert_eq!(
        code(device.call(Device::pairing()).await),
        ErrorCode::JoinAsOwnerFirst
    );
    let status = device.status().await;
    assert_eq!(
        (status.role, status.connection, status.pending),
        (Role::Owner, Connection::NotJoined, 1)
    );
    assert_eq!(device.server.sessions(), 0);
}

#[tokio::test]
async fn an_owners_device_that_becomes_a_childs_keeps_nothing_only_owners_may_have() {
    let owner = Device::registered().await;
    let mut rex = pet("Rex");
    rex.owner_notes = Some("canary".to_owned().try_into().unwrap());
    let id = owner
        .call(romp_domain::calls::PetSave { id: None, pet: rex })
        .await
        .unwrap();
    owner.sync().await;
    owner.call(SignOut {}).await.unwrap();
    owner.server.pairs_as(Role::Child);
    owner.call(Device::pairing()).await.unwrap();
    assert_eq!(owner.status().await.role, Role::Child);
    assert_eq!(owner.row::<Pet>(id.0).unwrap().owner_notes, None);
}

#[tokio::test]
async fn a_code_for_another_device_needs_a_session() {
    let device = Device::new();
    let ask = PairingCreate { role: Role::Child };
    assert_eq!(code(device.call(ask.clone()).await), ErrorCode::NotJoined);
    device.call(Device::registration()).await.unwrap();
    let made = device.call(ask).await.unwrap();
    assert_eq!((made.code.as_str(), made.role), ("ABCD2345", Role::Child));
    // What a camera reads is the code, and where this very family's server is.
    let server = device.status().await.account.unwrap().server;
    assert_eq!(made.server, server);
    let code = made.code;
    assert_eq!(PairingLink::read(&made.link), Some(PairingLink { code, server }));
    assert!(
        made.picture
            .is_some_and(|picture| picture.path.starts_with("M4 4h7v1h-7z"))
    );
}

#[tokio::test]
async fn row_77_what_cannot_be_a_code_is_told_at_its_field_and_sent_nowhere() {
    let device = Device::new();
    for wrong in [
        "",
        "https://evil.example",
        "romp:pair?code=ABCD2345&server=https://evil.example",
    ] {
        let call = Pair {
            code: wrong.to_owned(),
            ..Device::pairing()
        };
        let problem = device.call(call).await.unwrap_err();
        assert_eq!(problem.code, ErrorCode::CodeInvalid, "{wrong}");
        assert_eq!(problem.field.as_deref(), Some("code"));
    }
    assert_eq!(device.status().await.account, None);
}

#[tokio::test]
async fn the_token_is_in_the_vault_and_nowhere_else() {
    let device = Device::registered().await;
    let token = device.vault.load().unwrap().unwrap();
    assert!(token.starts_with("secret-token"));
    let status = serde_json::to_string(&device.status().await).unwrap();
    let printed = format!(
        "{:?} {:?} {:?} {status}",
        device.app,
        device.vault,
        Token::new(&*token)
    );
    assert!(!printed.contains("secret-token"), "{printed}");
    let op_text = |op: &Op| serde_json::to_string(op).unwrap();
    assert!(
        device
            .server
            .applied()
            .iter()
            .all(|mutation| !op_text(&mutation.op).contains("secret"))
    );
    for file in std::fs::read_dir(device.dir.path().join("data")).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        assert!(
            !bytes.windows(12).any(|window| window == b"secret-token"),
            "{}",
            path.display()
        );
    }
}

/// The fields of the household's settings that the server was sent, one map for each mutation.
fn sent_settings(device: &Device) -> Vec<Value> {
    let applied = device.server.applied();
    let settings = applied.iter().filter(|mutation| mutation.kind == Kind::Household);
    settings
        .map(|mutation| match &mutation.op {
            Op::Patch { fields } => json!(fields),
            Op::Act { .. } => unreachable!("settings are a patch"),
        })
        .collect()
}

#[tokio::test]
async fn a_setting_made_before_signing_in_leaves_the_familys_others_alone() {
    let first = Device::registered().await;
    let mut household = first.call(HouseholdGet {}).await.unwrap();
    household.zone = ZoneName::new("Europe/Berlin").unwrap();
    household.area = Some(Area::around(47.6, -122.3).unwrap());
    household.allergies = BTreeSet::from([Species::Cat]);
    household.share_consent = Some(Consent {
        notice: Consent::NOTICE,
        given_at: UtcMs(NOW),
    });
    first
        .call(HouseholdSave {
            household: household.clone(),
        })
        .await
        .unwrap();
    first.sync().await;

    let second = Device::of(&first.server, 9);
    let mut alone = second.call(HouseholdGet {}).await.unwrap();
    alone.place = Some("near the lake".to_owned().try_into().unwrap());
    second
        .call(HouseholdSave {
            household: alone.clone(),
        })
        .await
        .unwrap();
    let second = second.restarted();
    assert_eq!(second.call(HouseholdGet {}).await.unwrap(), alone);

    second.call(sign_in()).await.unwrap();
    first.sync().await;
    household.place = alone.place;
    for device in [&first, &second] {
        assert_eq!(device.call(HouseholdGet {}).await.unwrap(), household);
    }
}

#[tokio::test]
async fn a_new_family_tells_the_server_its_zone_and_one_chosen_before_stays() {
    let device = Device::registered().await;
    assert_eq!(sent_settings(&device), [json!({"zone": "America/Los_Angeles"})]);

    let device = Device::new();
    let mut household = device.call(HouseholdGet {}).await.unwrap();
    household.zone = ZoneName::new("Europe/Berlin").unwrap();
    device.call(HouseholdSave { household }).await.unwrap();
    device.call(Device::registration()).await.unwrap();
    assert_eq!(sent_settings(&device), [json!({"zone": "Europe/Berlin"})]);
}

#[tokio::test]
async fn an_owner_who_saves_settings_that_the_family_lacks_sends_the_zone_that_was_shown() {
    let device = Device::new();
    // The answer to a registration was lost: the family is there, and nothing is in it.
    device.call(sign_in()).await.unwrap();
    assert!(sent_settings(&device).is_empty());
    for place in ["near the lake", "near the wood"] {
        let mut household = device.call(HouseholdGet {}).await.unwrap();
        household.place = Some(place.to_owned().try_into().unwrap());
        device.call(HouseholdSave { household }).await.unwrap();
    }
    device.sync().await;
    assert_eq!(
        sent_settings(&device),
        [
            json!({"place": "near the lake"}),
            json!({"zone": "America/Los_Angeles"}),
            json!({"place": "near the wood"})
        ]
    );
}

#[tokio::test]
async fn an_answer_to_the_owners_session_that_comes_after_the_device_became_a_childs_is_not_taken_in() {
    let device = Device::new();
    let mut told = pet("Rex");
    told.owner_notes = Some("canary".to_owned().try_into().unwrap());
    let id = Uuid::from_u128(5);
    device.server.put(id, &told);
    device.server.loses_answers(true);
    device.call(sign_in()).await.unwrap();
    device.server.loses_answers(false);

    device.server.holds_answers(true);
    let asked = device.server.requests();
    let app = device.app.clone();
    let late = tokio::spawn(async move { app.call(SyncNow {}).await });
    while device.server.requests() == asked {
        tokio::task::yield_now().await;
    }
    device.call(SignOut {}).await.unwrap();
    device.server.pairs_as(Role::Child);
    let app = device.app.clone();
    let joining = tokio::spawn(async move { app.call(Device::pairing()).await });
    while device.app.store.role().unwrap() != Role::Child {
        tokio::task::yield_now().await;
    }
    device.server.holds_answers(false);

    joining.await.unwrap().unwrap();
    assert_eq!(device.row::<Pet>(id).unwrap().owner_notes, None);
    assert_eq!(code(late.await.unwrap()), ErrorCode::NotSignedIn);
    assert_eq!(device.status().await.connection, Connection::Online);
}

#[tokio::test]
async fn a_childs_device_whose_session_has_ended_pairs_again_with_its_own_family_only() {
    let owner = Device::registered().await;
    let (rex, mia) = (owner.add_pet("Rex").await, owner.add_child("Mia").await);
    owner.sync().await;
    let tablet = owner.paired(Role::Child).await;
    let [bella] = tablet.deal(rex, ["Bella"]).await;
    assert_eq!(
        code(tablet.call(Device::pairing()).await),
        ErrorCode::AlreadyJoined
    );
    tablet.server.ends_sessions();
    tablet.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    assert_eq!(code(tablet.call(SyncNow {}).await), ErrorCode::NotSignedIn);

    tablet.call(Device::pairing()).await.unwrap();
    let status = tablet.status().await;
    assert_eq!(
        (status.role, status.connection, status.pending),
        (Role::Child, Connection::Online, 0)
    );
    tablet.server.ends_sessions();
    assert_eq!(code(tablet.call(SyncNow {}).await), ErrorCode::NotSignedIn);
    tablet.server.moves_to_another_household();
    assert_eq!(
        code(tablet.call(Device::pairing()).await),
        ErrorCode::AlreadyJoined
    );
    assert_eq!(code(tablet.call(sign_in()).await), ErrorCode::Forbidden);
}

#[tokio::test]
async fn what_a_child_chose_is_held_also_when_its_device_becomes_an_owners() {
    let owner = Device::registered().await;
    let (rex, mia) = (owner.add_pet("Rex").await, owner.add_child("Mia").await);
    let [bella] = owner.deal(rex, ["Bella"]).await;
    owner.swipe(rex, bella, Verdict::Yes, None).await.unwrap();
    owner.sync().await;
    let tablet = owner.paired(Role::Child).await;
    tablet.server.ends_sessions();
    tablet.swipe(rex, bella, Verdict::No, Some(mia)).await.unwrap();
    tablet.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    assert_eq!(code(tablet.call(SyncNow {}).await), ErrorCode::NotSignedIn);
    tablet.server.pairs_as(Role::Owner);
    tablet.call(Device::pairing()).await.unwrap();
    assert_eq!(tablet.status().await.pending, 0);
    assert!(tablet.swipe_of(rex, bella).unwrap().is_held());
}
