//! The table of calls, and how a call looks when it crosses the shell.

use super::*;

#[test]
fn a_child_can_make_exactly_these_calls() {
    let words: Vec<_> = CallName::ALL
        .iter()
        .filter(|c| c.roles().contains(&Role::Child))
        .map(|c| c.word())
        .collect();
    assert_eq!(
        words,
        [
            "status",
            "sync_now",
            "pair",
            "forget_device",
            "unlock",
            "pin_forgotten",
            "children",
            "pets",
            "deck",
            "swipe",
            "undo",
            "deck_again",
            "playdates"
        ]
    );
}

#[test]
fn the_ways_out_and_what_protects_cannot_be_switched_off() {
    for call in [
        CallName::SignOut,
        CallName::Block,
        CallName::Report,
        CallName::FamilyExport,
        CallName::CalendarExport,
        CallName::DeleteAccount,
        CallName::ForgetDevice,
        CallName::Unmatch,
        CallName::SwitchLift,
    ] {
        assert_eq!(call.switchable(), Switchable::Never, "{call:?}");
    }
}

#[test]
fn a_call_that_carries_a_password_does_not_print_it() {
    let request = SignIn {
        server: "https://romp.example".into(),
        email: Email::new("ann@romp.example").unwrap(),
        password: TypedPassword::new("SECRET".into()).unwrap(),
        device: DeviceName::new("desk").unwrap(),
    }
    .into_request();
    assert!(!format!("{request:?}").contains("SECRET"));
}

#[test]
fn a_call_looks_like_this_when_it_crosses_the_shell() {
    let request = SlotRemove {
        id: SlotId(uuid::Uuid::nil()),
    }
    .into_request();
    insta::assert_snapshot!(serde_json::to_string(&request).unwrap(), @r#"{"call":"slot_remove","with":{"id":"00000000-0000-0000-0000-000000000000"}}"#);
    assert!(serde_json::from_str::<Request>(r#"{"call":"status","with":{"x":1}}"#).is_err());
    assert!(serde_json::from_str::<Request>(r#"{"call":"drop_tables","with":{}}"#).is_err());
}
