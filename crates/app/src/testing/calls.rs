//! One call of every name, for tests that go through all of them.

use romp_domain::calls::CallName;
use serde_json::{Value, json};

/// A well-formed call of every name, about things that are not there.
fn example(name: CallName) -> Value {
    let id = "00000000-0000-0000-0000-000000000404";
    let account = json!({"server": "https://romp.example", "email": "ann@romp.example", "device": "desk",
        "password": "correct horse", "name": "Ann", "invitation": null, "code": "ABCD2345"});
    let keep = |fields: &[&str]| {
        Value::Object(
            fields
                .iter()
                .map(|field| ((*field).to_owned(), account[field].clone()))
                .collect(),
        )
    };
    let household = json!({"zone": "UTC", "travel_km": 5, "venues": ["walk"]});
    let child = json!({"nickname": "Mia", "avatar": "fox", "age_band": "7-9"});
    let hours = json!({"weekday": "mon", "start": 60, "end": 120});
    let exception = json!({"day": "2026-12-24", "change": {"change": "closed"}});
    match name {
        CallName::Status
        | CallName::DismissRefused
        | CallName::SyncNow
        | CallName::SignOut
        | CallName::Sessions
        | CallName::HouseholdGet
        | CallName::Children
        | CallName::Pets
        | CallName::Hours
        | CallName::Releases
        | CallName::Matches
        | CallName::Playdates
        | CallName::Switches
        | CallName::Blocks
        | CallName::SendCodeAgain
        | CallName::Me
        | CallName::FamilyExport
        | CallName::CalendarExport => json!({}),
        CallName::SwitchSave => json!({"id": null, "scope": {"of": "children"}, "operations": ["choose"],
            "comment": "Good night!", "starts_at": null, "ends_at": null, "hours": null}),
        CallName::Register => keep(&["server", "invitation", "email", "password", "name", "device"]),
        CallName::SignIn => keep(&["server", "email", "password", "device"]),
        CallName::Pair => keep(&["server", "code", "device"]),
        CallName::DeleteAccount | CallName::SessionRevokeOthers => keep(&["password"]),
        CallName::VerifyEmail => keep(&["code"]),
        CallName::ChangePassword => json!({"current": "correct horse", "password": account["password"]}),
        CallName::ForgotPassword => keep(&["server", "email"]),
        CallName::ResetPassword => keep(&["server", "email", "code", "password"]),
        CallName::SetAddress => keep(&["email", "password"]),
        CallName::Rename => keep(&["name"]),
        CallName::InviteOwner => keep(&["email"]),
        CallName::JoinAsOwner => keep(&["server", "code", "email", "password", "name", "device"]),
        CallName::RefuseOwner => json!({ "user": id }),
        CallName::ConfirmOwner | CallName::RemoveOwner => json!({"user": id, "password": "correct horse"}),
        CallName::SessionRevoke => json!({"session": id, "password": account["password"]}),
        CallName::Activity => json!({"session": null, "before": null}),
        CallName::ForgetDevice => json!({"pin": null, "sure": false}),
        CallName::PinSet => json!({"current": null, "pin": "4829"}),
        CallName::HandOver => json!({"child": null}),
        CallName::Unlock => json!({"pin": "0000"}),
        CallName::PinForgotten => keep(&["email", "password", "device"]),
        CallName::PairingCreate => json!({"role": "child", "password": account["password"]}),
        CallName::HouseholdSave => json!({"seen": household, "household": household}),
        CallName::Places => json!({"query": "98115"}),
        CallName::ChildSave => json!({"id": null, "child": child}),
        CallName::PetSave => json!({"id": null, "pet": {"species": "dog"}}),
        CallName::SlotSave => json!({"id": null, "hours": hours}),
        CallName::ExceptionSave => json!({"id": null, "exception": exception}),
        CallName::ChildRemove
        | CallName::PetRemove
        | CallName::SlotRemove
        | CallName::SwitchLift
        | CallName::SwitchRemove
        | CallName::Unmatch
        | CallName::ExceptionRemove => {
            json!({"id": id})
        }
        CallName::Deck | CallName::Undo | CallName::DeckAgain | CallName::Block | CallName::Unblock => {
            json!({"pet": id})
        }
        CallName::Report => json!({"pet": id, "text": "They were rude."}),
        CallName::Swipe => json!({"actor": id, "target": id, "verdict": "yes", "child": null}),
        CallName::Release => json!({"swipe": id, "out": true}),
        CallName::PlaydateAnswer => json!({"id": id, "act": "accept", "expect_rev": 0}),
    }
}

/// The same, as it crosses the shell.
pub(crate) fn request(name: CallName) -> Value {
    json!({"call": name.word(), "with": example(name)})
}
