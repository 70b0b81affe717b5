//! What calls leave in the log: nothing of anybody, however they go and however talkative it is.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use romp_domain::calls::{CallName, HandOver, HouseholdGet, PinForgotten, PinSet, Places, SignOut, Unlock};
use romp_domain::{Area, Consent, ErrorCode, Pin, Role, TypedPin, UtcMs, Verdict};
use serde_json::{Value, json};
use tracing_subscriber::filter::LevelFilter;

use crate::Vault;
use crate::testing::{Device, NOW, code, request};

/// Everything that is said in this process, by whatever test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Begins to listen to everything.
    fn listen() -> Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        let begin = || {
            let log = Self::default();
            let to = log.clone();
            tracing_subscriber::fmt()
                .with_max_level(LevelFilter::TRACE)
                .with_ansi(false)
                .without_time()
                .with_writer(move || to.clone())
                .init();
            log
        };
        LOG.get_or_init(begin).clone()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// The lines with something in them that nobody may read there.
    fn tells(&self, what: &[&str]) -> Vec<String> {
        let text = self.text();
        let lines = text.lines().filter(|line| {
            let line = line.to_lowercase();
            what.iter().any(|word| line.contains(word))
        });
        lines.map(str::to_owned).collect()
    }
}

/// Every text in a value, where it is.
fn texts(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(path.to_owned()),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(n, value)| texts(value, &format!("{path}/{n}"), found)),
        Value::Object(map) => map
            .iter()
            .for_each(|(name, value)| texts(value, &format!("{path}/{name}"), found)),
        _ => {}
    }
}

#[tokio::test]
async fn row_41_whatever_is_typed_into_whichever_call_is_not_in_the_log() {
    let log = Log::listen();
    let mut typed = 0;
    for name in CallName::ALL {
        let device = Device::registered().await;
        let mut places = Vec::new();
        texts(&request(*name)["with"], "/with", &mut places);
        for place in places {
            for text in ["Kanari word", "Kanari@example.org", "Kanari\u{0}\n' \"{}"] {
                let mut request = request(*name);
                *request.pointer_mut(&place).unwrap() = json!(text);
                request["with"]["kanarifield"] = json!(text);
                drop(device.app.handle(request.clone()).await);
                request["with"].as_object_mut().unwrap().remove("kanarifield");
                drop(device.app.handle(request).await);
                typed += 1;
            }
        }
        drop(
            device
                .app
                .handle(json!({"call": "kanari", "with": {"kanari": "kanari"}}))
                .await,
        );
    }
    assert!(typed > 100, "{typed}");
    assert!(log.text().contains("refused"), "it is listened to");
    assert_eq!(log.tells(&["kanari"]), Vec::<String>::new());
}

fn pin(text: &str) -> TypedPin {
    TypedPin::new(text.to_owned()).unwrap()
}

#[tokio::test]
async fn row_41_no_pin_child_place_password_or_token_is_in_the_log() {
    let log = Log::listen();
    let device = Device::new();
    let registering = json!({"call": "register", "with": {"server": "https://romp.example", "invitation": "Amsel-1234",
        "email": "amsel@romp.example", "password": "amsel in the hedge", "name": "Amsel", "device": "Amseldesk"}});
    device.app.handle(registering).await.unwrap();

    let found = device
        .call(Places {
            query: "47.1122, -122.3344".to_owned(),
        })
        .await
        .unwrap();
    let mut household = device.call(HouseholdGet {}).await.unwrap();
    household.area = Some(found[0].area);
    assert_eq!(found[0].area, Area::around(47.1122, -122.3344).unwrap());
    household.place = Some("Amselhouse".to_owned().try_into().unwrap());
    household.name = Some("The Amsels".to_owned().try_into().unwrap());
    household.child_consent = Some(Consent {
        notice: Consent::NOTICE,
        given_at: UtcMs(NOW),
    });
    device.save_household(household).await.unwrap();
    let child = device.add_child("Amselkid").await;
    let rex = device.add_pet("Amseldog").await;
    let [other] = device.deal(rex, ["Amselcat"]).await;
    device.swipe(rex, other, Verdict::Yes, Some(child)).await.unwrap();
    let comment = json!({"call": "switch_save", "with": {"id": null, "scope": {"of": "children"},
        "operations": ["choose"], "comment": "Amsel sleeps", "starts_at": null, "ends_at": null, "hours": null}});
    device.app.handle(comment).await.unwrap();
    device
        .swipe(rex, other, Verdict::No, Some(child))
        .await
        .unwrap_err();

    // The PIN is chosen, mistyped, typed and forgotten.
    let chosen = PinSet {
        current: None,
        pin: Pin::new("71829364".to_owned()).unwrap(),
    };
    device.call(chosen).await.unwrap();
    device.call(HandOver { child: Some(child) }).await.unwrap();
    let wrong = device.call(Unlock { pin: pin("71829365") }).await;
    assert_eq!(code(wrong), ErrorCode::PinWrong);
    device.call(Unlock { pin: pin("71829364") }).await.unwrap();
    let next = PinSet {
        current: Some(pin("71829366")),
        pin: Pin::new("71829367".to_owned()).unwrap(),
    };
    device.call(next).await.unwrap_err();
    device.call(HandOver { child: Some(child) }).await.unwrap();
    let forgotten = PinForgotten {
        email: None,
        password: "amsel guesses".to_owned().try_into().unwrap(),
        device: "Amseldesk".to_owned().try_into().unwrap(),
    };
    device.call(forgotten).await.unwrap_err();
    device.call(Unlock { pin: pin("71829364") }).await.unwrap();
    device.sync().await;

    // A tablet of the family, a restart, and the end.
    let tablet = device.paired(Role::Child).await;
    tablet.sync().await;
    device.server.fails(romp_domain::Problem::saying(
        ErrorCode::Internal,
        "Amsel was here.",
    ));
    device.call(romp_domain::calls::SyncNow {}).await.unwrap_err();
    device.server.fails(None);
    let device = device.restarted();
    device.sync().await;
    let kept = device.vault.load().unwrap().unwrap();
    device.call(SignOut {}).await.unwrap();

    let text = log.text();
    for said in ["joined", "a wrong PIN", "unlocked", "handed over", "signed out"] {
        assert!(text.contains(said), "{said} is not in it");
    }
    let personal = ["amsel", "7182936", "4711", "12233", "lat_c", "47.11", "122.33"];
    assert_eq!(log.tells(&personal), Vec::<String>::new());
    for token in kept.split_whitespace() {
        assert!(!text.contains(token), "{token:?} is in the log");
    }
}
