//! A server that is newer than the app.

mod common;

use common::{Device, acked};
use romp_domain::wire::SyncReply;

#[test]
fn row_59_a_refusal_with_a_code_of_a_newer_server_settles_the_change_and_holds_up_nothing() {
    let device = Device::new();
    device.name_pet(1, "Rex");
    device.name_pet(2, "Bo");
    let request = device.request();
    let mut answer = serde_json::to_value(acked(&request, 1)).expect("JSON");
    answer["results"][0] = serde_json::json!({
        "mid": 1, "outcome": "rejected",
        "problem": {"code": "x_new", "message": "Too many moons.", "retry_after_s": 60}
    });
    answer["reset"] = "x_new".into();
    let answer: SyncReply = serde_json::from_value(answer).expect("an answer");
    device.absorb(&request, answer);
    assert_eq!((device.pending(), device.refused()), (0, vec![1]));
    let refused = device.store.read(|reader| reader.refused()).expect("read");
    assert_eq!(refused[0].problem.message, "Too many moons.");
    assert_eq!(
        device.name_of(2).as_deref(),
        Some("Bo"),
        "what was behind it is there"
    );
}
