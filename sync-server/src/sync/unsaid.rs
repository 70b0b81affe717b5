//! What a patch is laid over: the row that is there, or what a row says before anybody said anything. And what the server
//! itself says of a new one.

use std::sync::Arc;

use romp_domain::{DeviceId, Entity, Fields, Hlc, Household, Kind, ZoneName};
use romp_sync::{Registers, Stamp};

/// The patch, the row with it, and whether it changes anything.
pub(super) fn laid_over(
    kind: Kind,
    before: Option<&Registers>,
    patch: Registers,
) -> (Arc<Registers>, Arc<Registers>, bool) {
    let patch = Arc::new(patch);
    if kind == Kind::Swipe && before.is_none() {
        // Nearly all that is pushed: the row is the patch.
        let changed = !patch.fields.0.is_empty();
        return (Arc::clone(&patch), patch, changed);
    }
    let mut after = before.cloned().unwrap_or_else(|| unsaid(kind));
    let changed = after.merge(&patch);
    (patch, Arc::new(after), changed)
}

/// Who made a switch: the device that told of it first.
pub(super) fn author(stamp: Stamp) -> Registers {
    let author = ("author".to_owned(), serde_json::json!(stamp.1));
    Registers::of(&Fields([author].into_iter().collect()), stamp)
}

/// What a row says before anybody said anything. A device sends only what a person set, so that signing a second
/// device in cannot overwrite the family's settings with defaults.
fn unsaid(kind: Kind) -> Registers {
    match kind {
        Kind::Household => {
            let nobody = Stamp(Hlc(0), DeviceId(uuid::Uuid::nil()));
            Registers::of(&Household::new(ZoneName::utc()).to_fields(), nobody)
        }
        _ => Registers::default(),
    }
}
