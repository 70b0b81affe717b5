//! From a call to its use case: read, guarded by the device's role, and dispatched by an exhaustive match.

use romp_domain::calls::{Call, CallName, Request};
use romp_domain::{ErrorCode, Problem};
use romp_store::Reader;
use serde::Serialize;
use serde_json::Value;

use crate::{
    App, accounts, blocks, children, deck, exports, gate, hours, household, owners, pets, playdates, release,
    request, status, switches,
};

impl App {
    /// Does what the UI asked for. Anything that is not a call is a [`Problem`], and changes nothing.
    pub async fn handle(&self, request: Value) -> Result<Value, Problem> {
        self.perform(request::read(request)?).await
    }

    /// The same, typed; for callers in the same process.
    pub async fn call<C: Call>(&self, call: C) -> Result<C::Reply, Problem> {
        let reply = self.perform(call.into_request()).await?;
        serde_json::from_value(reply).map_err(unspeakable)
    }

    async fn perform(&self, request: Request) -> Result<Value, Problem> {
        let name = request.name();
        self.store
            .read(|reader| admit(&reader, name))
            .inspect_err(|problem| {
                tracing::info!(call = name.word(), code = problem.code.word(), "denied");
            })?;
        let before = self.store.version();
        let answer = match self.refuse_switched_off(&request) {
            Ok(()) => self.dispatch(request).await,
            Err(problem) => Err(problem),
        };
        if self.store.version() != before {
            self.tell_changed();
            self.wake.notify_one();
        }
        if let Err(problem) = &answer {
            tracing::debug!(call = name.word(), code = problem.code.word(), "refused");
        }
        answer
    }

    async fn dispatch(&self, request: Request) -> Result<Value, Problem> {
        match request {
            Request::Status(_) => reply(status::status(self)),
            Request::DismissRefused(_) => reply(status::dismiss_refused(self)),
            Request::SyncNow(_) => {
                let synced = self.sync().await;
                if synced.is_ok() {
                    self.reached.notify_waiters();
                }
                reply(synced)
            }

            Request::Register(call) => reply(accounts::register(self, call).await),
            Request::SignIn(call) => reply(accounts::sign_in(self, call).await),
            Request::Pair(call) => reply(accounts::pair(self, call).await),
            Request::PairingCreate(call) => reply(accounts::pairing_create(self, call).await),
            Request::SignOut(_) => reply(accounts::sign_out(self).await),
            Request::Sessions(_) => reply(accounts::sessions(self).await),
            Request::SessionRevoke(call) => reply(accounts::session_revoke(self, call).await),
            Request::SessionRevokeOthers(call) => reply(accounts::session_revoke_others(self, call).await),
            Request::Activity(call) => reply(accounts::activity(self, call).await),
            Request::DeleteAccount(call) => reply(accounts::delete_account(self, call).await),

            Request::VerifyEmail(call) => reply(accounts::verify_email(self, call).await),
            Request::SendCodeAgain(_) => reply(accounts::send_code_again(self).await),
            Request::ChangePassword(call) => reply(accounts::change_password(self, call).await),
            Request::ForgotPassword(call) => reply(accounts::forgot_password(self, call).await),
            Request::ResetPassword(call) => reply(accounts::reset_password(self, call).await),

            Request::Me(_) => reply(owners::me(self).await),
            Request::SetAddress(call) => reply(owners::set_address(self, call).await),
            Request::Rename(call) => reply(owners::rename(self, call).await),
            Request::InviteOwner(call) => reply(owners::invite(self, call).await),
            Request::JoinAsOwner(call) => reply(accounts::join_as_owner(self, call).await),
            Request::ConfirmOwner(call) => reply(owners::confirm(self, call).await),
            Request::RefuseOwner(call) => reply(owners::refuse(self, call).await),
            Request::RemoveOwner(call) => reply(owners::remove(self, call).await),
            Request::ForgetDevice(call) => reply(accounts::forget_device(self, call).await),

            Request::PinSet(call) => reply(gate::set_pin(self, &call)),
            Request::HandOver(call) => reply(gate::hand_over(self, &call)),
            Request::Unlock(call) => reply(gate::unlock(self, &call)),
            Request::PinForgotten(call) => reply(gate::pin_forgotten(self, call).await),

            Request::HouseholdGet(_) => reply(household::get(self)),
            Request::HouseholdSave(call) => reply(household::save(self, call)),
            Request::Places(call) => reply(household::places(&call)),

            Request::Children(_) => reply(children::list(self)),
            Request::ChildSave(call) => reply(children::save(self, call)),
            Request::ChildRemove(call) => reply(children::remove(self, call)),

            Request::Pets(_) => reply(pets::list(self)),
            Request::PetSave(call) => reply(pets::save(self, call)),
            Request::PetRemove(call) => reply(pets::remove(self, call)),

            Request::Hours(_) => reply(hours::list(self)),
            Request::SlotSave(call) => reply(hours::save_slot(self, call)),
            Request::SlotRemove(call) => reply(hours::remove_slot(self, call)),
            Request::ExceptionSave(call) => reply(hours::save_exception(self, call)),
            Request::ExceptionRemove(call) => reply(hours::remove_exception(self, call)),

            Request::Deck(call) => reply(deck::show(self, call)),
            Request::Swipe(call) => reply(deck::swipe(self, call)),
            Request::Undo(call) => reply(deck::undo(self, call)),
            Request::DeckAgain(call) => reply(deck::again(self, call)),

            Request::Releases(_) => reply(release::list(self)),
            Request::Release(call) => reply(release::decide(self, call)),

            Request::Matches(_) => reply(playdates::matches(self)),
            Request::Playdates(_) => reply(playdates::list(self)),
            Request::PlaydateAnswer(call) => reply(playdates::answer(self, call)),
            Request::Unmatch(call) => reply(playdates::take_back(self, call)),

            Request::Block(call) => reply(blocks::block(self, call)),
            Request::Blocks(_) => reply(blocks::list(self)),
            Request::Report(call) => reply(blocks::report(self, call)),
            Request::Unblock(call) => reply(blocks::lift(self, call)),

            Request::Switches(call) => reply(switches::list(self, &call)),
            Request::SwitchSave(call) => reply(switches::save(self, call)),
            Request::SwitchLift(call) => reply(switches::lift(self, call)),
            Request::SwitchRemove(call) => reply(switches::remove(self, call)),

            Request::CalendarExport(_) => reply(playdates::export(self)),
            Request::FamilyExport(_) => reply(exports::family(self).await),
        }
    }
}

/// Whether this call may be made now.
fn admit(reader: &Reader<'_>, name: CallName) -> Result<(), Problem> {
    let denied = Err(Problem::new(ErrorCode::Forbidden));
    if !name.roles().contains(&reader.role()?) {
        return denied;
    }
    if reader.handed()?.is_none() {
        return Ok(());
    }
    if !name.in_a_childs_hands() {
        return denied;
    }
    // The family's settings may have come from another device: a child's own would be refused by the server.
    let leads_nowhere = [
        CallName::Status,
        CallName::SyncNow,
        CallName::Unlock,
        CallName::PinForgotten,
    ];
    if !leads_nowhere.contains(&name) && !reader.children_may_use_it()? {
        return Err(Problem::new(ErrorCode::ConsentMissing));
    }
    Ok(())
}

fn reply<T: Serialize>(result: Result<T, Problem>) -> Result<Value, Problem> {
    serde_json::to_value(result?).map_err(unspeakable)
}

/// Replies are plain data: this cannot happen, and must not bring the app down if it does.
fn unspeakable(error: serde_json::Error) -> Problem {
    tracing::error!(%error, "a reply cannot be written as JSON");
    Problem::new(ErrorCode::Internal)
}

#[cfg(test)]
mod quiet;

#[cfg(test)]
mod tests {
    use super::CallName;
    use crate::testing::{Device, code, request};
    use proptest::prelude::*;
    use romp_domain::{ErrorCode, Role};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn a_childs_device_is_refused_every_call_that_is_not_a_childs() {
        let owner = Device::registered().await;
        let tablet = owner.paired(Role::Child).await;
        let version = tablet.app.store.version();
        for name in CallName::ALL {
            let answer = tablet.app.handle(request(*name)).await;
            let forbidden = answer
                .as_ref()
                .is_err_and(|problem| problem.code == ErrorCode::Forbidden);
            assert_eq!(
                forbidden,
                !name.roles().contains(&Role::Child),
                "{name:?}: {answer:?}"
            );
        }
        assert_eq!(tablet.app.store.version(), version, "and nothing has changed");
    }

    #[tokio::test]
    async fn an_owners_device_is_refused_none() {
        let device = Device::registered().await;
        // After these it is signed out, or a child's.
        let ends = [CallName::SignOut, CallName::HandOver];
        for name in CallName::ALL.iter().filter(|name| !ends.contains(name)) {
            let answer = device.app.handle(request(*name)).await;
            assert!(
                answer
                    .as_ref()
                    .err()
                    .is_none_or(|p| p.code != ErrorCode::Forbidden),
                "{name:?}"
            );
            let read = answer.as_ref().err().map(|p| p.code);
            let unread = [ErrorCode::BadRequest, ErrorCode::UnknownField];
            assert!(
                read.is_none_or(|code| !unread.contains(&code)),
                "{name:?}: {answer:?}"
            );
        }
    }

    #[tokio::test]
    async fn row_73_a_field_too_many_is_refused_in_every_call() {
        let device = Device::new();
        for name in CallName::ALL {
            let mut request = request(*name);
            request["with"]["role"] = json!("owner");
            let answer = device.app.handle(request).await;
            // In one call "role" is a field; there another one is too many.
            let expected = if *name == CallName::PairingCreate {
                ErrorCode::NotJoined
            } else {
                ErrorCode::UnknownField
            };
            assert_eq!(code(answer), expected, "{name:?}");
        }
        assert_eq!(device.app.store.version(), 0);
    }

    #[tokio::test]
    async fn values_that_break_a_rule_change_nothing() {
        let device = Device::new();
        let pet = |pet: Value| json!({"call": "pet_save", "with": {"id": null, "pet": pet}});
        for bad in [
            pet(json!({"species": "dragon"})),
            pet(json!({"species": "dog", "name": "x".repeat(51)})),
            pet(json!({"species": "dog", "name": " \u{200B} "})),
            pet(json!({"species": "dog", "weight_g": 1.5})),
            pet(json!({"species": "dog", "weight_g": -1})),
            pet(json!({"species": "dog", "energy": f64::NAN, "recall": 6})),
            pet(json!({"species": "dog", "hold_until": "2026-02-30"})),
            pet(json!({"species": null})),
            json!({"call": "pet_save", "with": {"id": "not-an-id", "pet": {"species": "dog"}}}),
            json!({"call": "slot_save", "with": {"id": null, "hours": {"weekday": "mon", "start": 60, "end": 60}}}),
        ] {
            assert_eq!(
                code(device.app.handle(bad.clone()).await),
                ErrorCode::InvalidField,
                "{bad}"
            );
        }
        assert_eq!(device.app.store.version(), 0);
    }

    /// Every text in a value, where it is.
    fn texts(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::String(_) => found.push(path.to_owned()),
            Value::Array(list) => {
                for (n, value) in list.iter().enumerate() {
                    texts(value, &format!("{path}/{n}"), found);
                }
            }
            Value::Object(map) => {
                for (name, value) in map {
                    texts(value, &format!("{path}/{name}"), found);
                }
            }
            _ => {}
        }
    }

    #[tokio::test]
    async fn row_73_no_call_reads_or_writes_a_file_that_it_is_told_of() {
        const SECRET: &str = "K4N4R1";
        let device = Device::registered().await;
        let beside = device.dir.path().join("secret.txt");
        std::fs::write(&beside, SECRET).unwrap();
        let there = || {
            let names = std::fs::read_dir(device.dir.path()).unwrap();
            names
                .map(|entry| entry.unwrap().file_name())
                .collect::<std::collections::BTreeSet<_>>()
        };
        let before = there();
        let mut tried = 0;
        let ends = [CallName::SignOut, CallName::HandOver];
        for name in CallName::ALL.iter().filter(|name| !ends.contains(name)) {
            let mut places = Vec::new();
            texts(&request(*name)["with"], "/with", &mut places);
            for place in places {
                for path in [
                    beside.display().to_string(),
                    format!("file://{}", beside.display()),
                    "../secret.txt".to_owned(),
                    "../../secret.txt".to_owned(),
                    "..\\secret.txt".to_owned(),
                    "secret.txt\0.ics".to_owned(),
                ] {
                    let mut request = request(*name);
                    *request.pointer_mut(&place).unwrap() = json!(path);
                    let answer = device.app.handle(request).await;
                    assert!(!format!("{answer:?}").contains(SECRET), "{name:?}{place}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 100, "{tried}");
        assert_eq!(std::fs::read_to_string(&beside).unwrap(), SECRET);
        assert_eq!(there(), before);
    }

    fn json_values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,40}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(".{0,10}", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

        #[test]
        fn row_73_no_argument_makes_it_panic(n in 0..CallName::ALL.len(), field in 0usize..6, value in json_values()) {
            thread_local! {
                static DEVICE: Device = Device::new();
            }
            let mut request = request(CallName::ALL[n]);
            let fields: Vec<String> = request["with"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
            match fields.get(field) {
                Some(name) => request["with"][name] = value,
                None => request["with"] = value,
            }
            DEVICE.with(|device| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                // Joining would make it another device, and in a child's hands little would be read any more;
                // everything else may happen to it.
                if !["register", "sign_in", "pair", "hand_over"].contains(&CallName::ALL[n].word()) {
                    drop(runtime.block_on(device.app.handle(request)));
                }
            });
        }
    }
}
