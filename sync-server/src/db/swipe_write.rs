//! A swipe on its way into the tables, with what is written beside it.

use std::sync::Arc;

use romp_domain::{DeviceId, Kind};
use romp_sync::Registers;
use uuid::Uuid;

use super::FeedEntry;

/// A swipe that is to be stored.
#[derive(Debug, Clone)]
pub struct SwipeWrite {
    /// Its id.
    pub id: Uuid,
    /// The row.
    pub row: Arc<Registers>,
    /// It was looked for in this transaction, and nothing is stored under its id. `false` where that is not known.
    pub is_new: bool,
    /// The device that withheld or took back its release with this commit.
    pub withheld_by: Option<DeviceId>,
}

impl SwipeWrite {
    /// Its note in the feed.
    pub fn note(&self, seq: u64) -> FeedEntry {
        FeedEntry {
            kind: Kind::Swipe,
            id: self.id,
            seq,
            gone: self.row.fields.is_deleted(),
        }
    }
}

/// The field of a swipe that can be restricted.
pub const RELEASED: &str = "released";
