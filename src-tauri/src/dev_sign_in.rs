//! Development only: signs a demo family in, so that `cargo xtask run` opens an app with something in it.
//!
//! The window compiles this into debug builds only. The development bridge, which is never part of a release,
//! includes the same file.

use std::env;
use std::sync::Arc;

use romp_app::App;
use serde_json::{Value, json};

/// Signs in with `ROMP_DEV_SERVER`, `ROMP_DEV_EMAIL` and `ROMP_DEV_PASSWORD`, if they are set and nobody is.
pub(crate) async fn sign_in(app: Arc<App>) {
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let (Some(server), Some(email), Some(password)) = (
        set("ROMP_DEV_SERVER"),
        set("ROMP_DEV_EMAIL"),
        set("ROMP_DEV_PASSWORD"),
    ) else {
        return;
    };
    let status = app.handle(json!({"call": "status", "with": {}})).await;
    if status.is_ok_and(|status| status["account"] != Value::Null && status["connection"] != "signed_out") {
        return;
    }
    let account = json!({
        "server": server, "email": email, "password": password, "device": "Development device",
    });
    let signed_in = app.handle(json!({"call": "sign_in", "with": account})).await;
    if let Err(problem) = signed_in {
        tracing::warn!(%problem, "the demo family could not be signed in");
    }
}
