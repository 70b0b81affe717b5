//! Tokens that change, are lost on their way, are copied, and end.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};

use super::*;
use crate::accounts::rig::{HERE, Rig, sign_in_request};
use crate::accounts::{sign_in, sign_out};
use crate::secrets::token_hash;

fn use_it(rig: &Rig, token: &str) -> Result<SessionRecord, ErrorCode> {
    admit(&rig.server, token_hash(token).unwrap()).map_err(|problem| problem.code)
}

/// Asks for the next token with this one, once it may be asked for.
fn next(rig: &Rig, token: &str) -> Result<String, ErrorCode> {
    rig.pass(ROTATE_EVERY_MS);
    let session = use_it(rig, token)?;
    let reply = rotate(&rig.server, &session).map_err(|problem| problem.code)?;
    Ok(reply.token)
}

#[test]
fn row_17_both_tokens_work_until_the_next_is_used_and_then_the_one_before_only_for_a_minute() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let second = next(&rig, &owner.token).unwrap();
    rig.pass(DAY_MS);
    assert!(use_it(&rig, &owner.token).is_ok(), "nobody has used the next one");
    let session = use_it(&rig, &second).unwrap();
    assert_eq!((session.id, session.household), (owner.session, owner.household));
    rig.pass(MINUTE_MS - 1);
    assert!(use_it(&rig, &owner.token).is_ok(), "it may have been under way");
    assert!(use_it(&rig, &second).is_ok());
}

#[test]
fn row_17_a_token_that_was_replaced_ends_the_session_for_whoever_has_the_next_one() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let second = next(&rig, &owner.token).unwrap();
    let third = {
        use_it(&rig, &second).unwrap();
        next(&rig, &second).unwrap()
    };
    use_it(&rig, &third).unwrap();
    rig.pass(MINUTE_MS);
    let told = rig.server.pokes.subscribe_sessions(owner.household);
    assert_eq!(use_it(&rig, &owner.token).unwrap_err(), ErrorCode::NotSignedIn);
    assert!(told.has_changed().unwrap(), "its streams go");
    let entry = (AuditEvent::TokenReused, Some(owner.session));
    assert_eq!(rig.last_entry(owner.household), entry);
    for token in [&second, &third] {
        assert_eq!(use_it(&rig, token).unwrap_err(), ErrorCode::NotSignedIn);
    }
    sign_in(&rig.server, HERE, sign_in_request(1, 1)).unwrap();
}

#[test]
fn row_17_a_thief_who_replaces_a_token_again_and_again_does_not_get_rid_of_the_one_that_was_copied() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let mut stolen = owner.token.clone();
    for _ in 0..40 {
        stolen = next(&rig, &stolen).unwrap();
        use_it(&rig, &stolen).unwrap();
    }
    rig.pass(MINUTE_MS);
    assert_eq!(use_it(&rig, &owner.token).unwrap_err(), ErrorCode::NotSignedIn);
    let entry = (AuditEvent::TokenReused, Some(owner.session));
    assert_eq!(rig.last_entry(owner.household), entry);
    assert_eq!(use_it(&rig, &stolen).unwrap_err(), ErrorCode::NotSignedIn);
}

#[test]
fn row_17_a_lost_answer_is_asked_for_again_and_signs_nobody_out() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let lost = next(&rig, &owner.token).unwrap();
    let second = next(&rig, &owner.token).unwrap();
    assert_ne!(lost, second);
    assert_eq!(use_it(&rig, &lost).unwrap_err(), ErrorCode::NotSignedIn);
    assert!(
        use_it(&rig, &owner.token).is_ok(),
        "an unknown token is no reused one"
    );
    use_it(&rig, &second).unwrap();
}

#[test]
fn row_17_a_token_is_replaced_hardly_more_than_once_a_day_and_a_lost_answer_is_no_replacement() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let second = next(&rig, &owner.token).unwrap();
    let session = use_it(&rig, &second).unwrap();
    rig.pass(20 * HOUR_MS - 1_000);
    let refused = rotate(&rig.server, &session).unwrap_err();
    assert_eq!(
        (refused.code, refused.retry_after_s),
        (ErrorCode::TooMany, Some(2))
    );
    rig.pass(1_000);
    rotate(&rig.server, &session).unwrap();
    let third = rotate(&rig.server, &session).unwrap().token;
    use_it(&rig, &third).unwrap();
}

#[test]
fn row_17_a_late_request_for_a_token_does_not_take_the_newest_away() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let late = use_it(&rig, &owner.token).unwrap();
    let second = next(&rig, &owner.token).unwrap();
    use_it(&rig, &second).unwrap();
    let third = next(&rig, &second).unwrap();
    let refused = rotate(&rig.server, &late).unwrap_err();
    assert_eq!(refused.code, ErrorCode::Stale);
    use_it(&rig, &third).unwrap();
}

#[test]
fn row_18_a_session_that_is_not_used_ends_and_a_clock_set_back_revives_nothing() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    rig.pass(IDLE_MS - 1);
    assert!(use_it(&rig, &owner.token).is_ok());
    rig.pass(1);
    assert_eq!(use_it(&rig, &owner.token).unwrap_err(), ErrorCode::NotSignedIn);
    let entry = (AuditEvent::SessionExpired, Some(owner.session));
    assert_eq!(rig.last_entry(owner.household), entry);
    rig.pass(-IDLE_MS);
    assert_eq!(use_it(&rig, &owner.token).unwrap_err(), ErrorCode::NotSignedIn);
}

#[test]
fn row_18_a_session_ends_after_a_year_however_much_it_is_used() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let id = owner.session;
    for _ in 0..364 {
        rig.pass(DAY_MS);
        let session = use_it(&rig, &owner.token).unwrap();
        let now = rig.now();
        rig.server.db.write(move |tx| tx.touch_session(id, now)).unwrap();
        assert!(!has_expired(&session, now));
    }
    rig.pass(DAY_MS);
    assert_eq!(use_it(&rig, &owner.token).unwrap_err(), ErrorCode::NotSignedIn);
    rig.pass(-DAY_MS);
    assert_eq!(use_it(&rig, &owner.token).unwrap_err(), ErrorCode::NotSignedIn);
}

#[test]
fn row_18_a_retired_token_is_not_young_again_when_the_clock_is_set_back() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let second = next(&rig, &owner.token).unwrap();
    use_it(&rig, &second).unwrap();
    rig.pass(-10 * MINUTE_MS);
    assert_eq!(use_it(&rig, &owner.token).unwrap_err(), ErrorCode::NotSignedIn);
}

#[test]
fn row_16_no_token_of_a_session_that_ended_opens_anything() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let second = next(&rig, &owner.token).unwrap();
    let session = use_it(&rig, &second).unwrap();
    let third = next(&rig, &second).unwrap();
    sign_out(&rig.server, &session).unwrap();
    for token in [&owner.token, &second, &third] {
        assert_eq!(use_it(&rig, token).unwrap_err(), ErrorCode::NotSignedIn);
    }
    let refused = rotate(&rig.server, &session).unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotSignedIn);
}

#[test]
fn row_14_a_token_has_256_bits_and_what_is_stored_of_it_opens_nothing() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let second = next(&rig, &owner.token).unwrap();
    use_it(&rig, &second).unwrap();
    let third = next(&rig, &second).unwrap();
    let mut dump = Vec::new();
    for entry in std::fs::read_dir(rig.folder.path()).unwrap() {
        dump.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let holds = |bytes: &[u8]| dump.windows(bytes.len()).any(|window| window == bytes);
    for token in [&owner.token, &second, &third] {
        let raw = URL_SAFE_NO_PAD.decode(token).unwrap();
        assert_eq!(raw.len(), 32);
        assert!(!holds(token.as_bytes()) && !holds(&raw));
        let hash = token_hash(token).unwrap();
        assert!(holds(&hash), "the scan finds what is there");
        let stored = hash
            .iter()
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        assert_eq!(use_it(&rig, &stored).unwrap_err(), ErrorCode::NotSignedIn);
    }
}

#[test]
fn row_15_signing_in_makes_a_new_token_and_the_device_s_old_one_is_dead() {
    let rig = Rig::new();
    let planted = rig.owner(1).token;
    let reply = sign_in(&rig.server, HERE, sign_in_request(1, 1)).unwrap();
    assert_ne!(reply.token, planted);
    assert_eq!(use_it(&rig, &planted).unwrap_err(), ErrorCode::NotSignedIn);
    assert!(use_it(&rig, &reply.token).is_ok());
}
