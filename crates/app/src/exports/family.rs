//! A copy of all that Romp knows of a family, to take along: one JSON file.
//!
//! Rows come from this device, with what was not sent yet; so there is a copy also without a connection. What only the
//! server has, it is asked for: who the owners are, the devices, the security log, and what sessions called. Where it
//! does not answer, the copy has everything else and says what is missing.
//!
//! Deliberately absent: reading it in again, secrets (tokens, the PIN, passwords), cards on paper, and of other families
//! everything that this one does not see.

use std::collections::BTreeMap;

use romp_domain::policy::Endpoint;
use romp_domain::view::SavedFile;
use romp_domain::wire::{ActivityReply, ActivityRequest, MeReply, SessionsReply};
use romp_domain::{ErrorCode, Kind, Problem, Role};
use romp_store::{Reader, StoreError};
use serde_json::{Map, Value, json};

use crate::App;
use crate::server::ask;

const FILE: &str = "romp-family.json";

/// What the file says of itself.
const ABOUT: &str = "A copy of what Romp knows of your family. Numbers that are times count milliseconds since \
1 January 1970, UTC. A place is the middle of a cell of about a kilometre.";

/// Most pages of the security log: more than is ever kept.
const PAGES: usize = 1_000;

/// Writes `exports/romp-family.json` in the data folder.
pub(crate) async fn family(app: &App) -> Result<SavedFile, Problem> {
    let account = account(app).await;
    // It may have taken a while: in a child's hands, what is read is less, and is nobody's copy.
    let mut rows = app.store.read(|reader| match reader.role()? {
        Role::Owner => Ok(rows(&reader)?),
        Role::Child => Err(Problem::new(ErrorCode::Forbidden)),
    })?;
    let whole = account.is_ok();
    let account = account.unwrap_or_else(|problem| json!({"missing": problem.message}));
    rows.insert("about".into(), ABOUT.into());
    rows.insert("made_at".into(), json!(app.now()));
    rows.insert("account".into(), account);
    let text = serde_json::to_vec_pretty(&rows).map_err(StoreError::from)?;
    let path = super::write(app, FILE, &text)?;
    Ok(SavedFile { path, whole })
}

/// All rows of each kind; choices of children with the child, so that what is known of one child stands together.
fn rows(reader: &Reader<'_>) -> Result<Map<String, Value>, StoreError> {
    let mut kinds = Map::new();
    let mut chosen: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for kind in Kind::ALL {
        let mut all = Vec::new();
        for (id, fields) in reader.rows(*kind)? {
            if reader.is_practice(*kind, id)? {
                continue;
            }
            let mut row = Map::new();
            row.insert("id".into(), json!(id));
            row.extend(
                fields
                    .0
                    .into_iter()
                    .map(|(name, value)| (name.to_string(), value)),
            );
            match row.get("by_child").and_then(Value::as_str) {
                Some(child) if *kind == Kind::Swipe => {
                    let child = child.to_owned();
                    chosen.entry(child).or_default().push(row.into());
                }
                _ => all.push(row.into()),
            }
        }
        kinds.insert(kind.word().into(), Value::Array(all));
    }
    let children = kinds.get_mut(Kind::Child.word()).and_then(Value::as_array_mut);
    for child in children.into_iter().flatten() {
        let choices = child["id"].as_str().and_then(|id| chosen.remove(id));
        child["choices"] = choices.unwrap_or_default().into();
    }
    // Of children who are not in the family any more.
    let left = chosen.into_values().flatten().collect();
    kinds.insert("choices_of_removed_children".into(), Value::Array(left));
    Ok(kinds)
}

/// What only the server knows.
async fn account(app: &App) -> Result<Value, Problem> {
    let session = app.session()?;
    let (server, token) = (&*session.server, Some(&session.token));
    let me: MeReply = ask(server, Endpoint::Me, token, &()).await?;
    let sessions: SessionsReply = ask(server, Endpoint::Sessions, token, &()).await?;
    let (mut log, mut calls, mut before) = (Vec::new(), Vec::new(), None);
    for _ in 0..PAGES {
        let request = ActivityRequest {
            session: None,
            before,
        };
        let page: ActivityReply = ask(server, Endpoint::Activity, token, &request).await?;
        log.extend(page.log);
        calls.extend(page.calls);
        before = page.before;
        if before.is_none() {
            break;
        }
    }
    Ok(json!({
        "owners": me,
        "devices": sessions.sessions,
        "security_log": log,
        "calls": calls,
    }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use romp_domain::calls::{Block, CallName, FamilyExport, PinSet};
    use romp_domain::{ChildId, Entity, ErrorCode, Kind, Matched, Pin, Playdate, Problem, Verdict};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use crate::testing::{Device, request};

    async fn export(device: &Device) -> (bool, Value) {
        let file = device.call(FamilyExport {}).await.unwrap();
        let text = std::fs::read_to_string(&file.path).unwrap();
        (file.whole, serde_json::from_str(&text).unwrap())
    }

    /// A family with a row of every kind.
    async fn with_everything() -> (Device, ChildId) {
        let device = Device::registered().await;
        device.agrees_to_children(true).await;
        let (rex, mia) = (device.add_pet("Rex").await, device.add_child("Mia").await);
        let [bella, zoe, _] = device.deal(rex, ["Bella", "Zoë", "Ida"]).await;
        device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
        device.swipe(rex, zoe, Verdict::Later, None).await.unwrap();
        device.call(Block { pet: zoe }).await.unwrap();
        for name in ["slot_save", "exception_save", "switch_save"] {
            let name = CallName::from_word(name).unwrap();
            device.app.handle(request(name)).await.unwrap();
        }
        let at = |n| Uuid::from_u128(n);
        device.server.put(
            at(1),
            &Matched {
                pet: rex,
                ..Matched::example()
            },
        );
        device.server.put(
            at(2),
            &Playdate {
                pet: rex,
                ..Playdate::example()
            },
        );
        device.sync().await;
        (device, mia)
    }

    #[tokio::test]
    async fn a_copy_has_every_kind_of_row_and_each_childs_choices_with_the_child() {
        let (device, mia) = with_everything().await;
        let (whole, copy) = export(&device).await;
        assert!(whole, "the server was asked");
        for part in ["owners", "devices", "security_log", "calls"] {
            assert!(!copy["account"][part].is_null(), "{part}");
        }
        for kind in Kind::ALL {
            let rows = copy[kind.word()].as_array().unwrap();
            assert!(!rows.is_empty(), "{}", kind.word());
            assert!(rows.iter().all(|row| row["id"].is_string()), "{}", kind.word());
        }
        let child = &copy["child"][0];
        assert_eq!((&child["id"], &child["nickname"]), (&json!(mia), &json!("Mia")));
        let verdicts = |rows: &Value| -> Vec<Value> {
            let rows = rows.as_array().unwrap().iter();
            rows.map(|row| row["verdict"].clone()).collect()
        };
        assert_eq!(verdicts(&child["choices"]), ["yes"]);
        assert_eq!(verdicts(&copy["swipe"]), ["later"]);
        assert_eq!(copy["block"][0]["name"], "Zoë");
    }

    #[tokio::test]
    async fn choices_of_a_removed_child_are_in_it_as_long_as_they_are_kept() {
        let (device, mia) = with_everything().await;
        device.server.take(Kind::Child, mia.0);
        device.sync().await;
        let (_, copy) = export(&device).await;
        let named = copy.to_string().matches(&mia.to_string()).count();
        let left = copy["choices_of_removed_children"].as_array().unwrap().len();
        assert_eq!((copy["child"].as_array().unwrap().len(), left, named), (0, 1, 1));
    }

    #[tokio::test]
    async fn without_a_connection_the_copy_says_what_is_missing_and_has_what_was_not_sent() {
        let (device, _) = with_everything().await;
        device.server.fails(Problem::new(ErrorCode::Offline));
        device.add_pet("Max").await;
        let (whole, copy) = export(&device).await;
        assert!(!whole);
        let missing = Problem::new(ErrorCode::Offline).message;
        assert_eq!(copy["account"], json!({ "missing": missing }));
        let names: BTreeSet<_> = copy["pet"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pet| pet["name"].as_str())
            .collect();
        assert_eq!(names, [Some("Max"), Some("Rex")].into());
    }

    #[tokio::test]
    async fn what_is_made_up_for_trying_things_out_and_what_is_secret_is_not_in_it() {
        let alone = Device::new();
        let rex = alone.add_pet("Rex").await;
        assert!(!alone.deck(rex).await.cards.is_empty());
        let (whole, copy) = export(&alone).await;
        assert!(!whole, "there is no server yet");
        assert_eq!(copy["card"], json!([]));
        let (device, _) = with_everything().await;
        let pin = Pin::new("4829".to_owned()).unwrap();
        device.call(PinSet { current: None, pin }).await.unwrap();
        let (_, copy) = export(&device).await;
        let text = copy.to_string();
        let token = device.app.session().unwrap().token.clone();
        for secret in [token.expose(), "argon2", "correct horse"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
}
