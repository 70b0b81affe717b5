//! Calls: what the core reads of what the page sent.

use romp_domain::calls::{CallName, Request};
use serde_json::Value;

/// A call, as JSON.
pub(crate) fn call(data: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<Value>(data) else {
        return false;
    };
    let name = value.get("call").and_then(Value::as_str).map(str::to_owned);
    let Ok(request) = serde_json::from_value::<Request>(value) else {
        return false;
    };
    assert_eq!(
        name.as_deref().and_then(CallName::from_word),
        Some(request.name())
    );
    let written = serde_json::to_value(&request).unwrap_or_default();
    let again: Result<Request, _> = serde_json::from_value(written.clone());
    let again = again.map(|again| serde_json::to_value(again).unwrap_or_default());
    assert_eq!(
        again.ok(),
        Some(written),
        "what was read can be written and read again"
    );
    true
}
