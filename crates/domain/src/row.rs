//! What sync carries: rows down, mutations up.
//!
//! A row is a map of fields; every field is a register of its own (last writer wins by hybrid logical clock, ties
//! by device). Terms: **kind** is the table, **mid** numbers a device's mutations without gaps, **seq** numbers a
//! household's commits. Merging is `romp_sync::merge`; the typed reading of a row is [`crate::Entity`].

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::by_name::{ByName, Name};
use crate::macros::closed_set;

closed_set! {
    /// The kinds of rows. Each has its own table on the server.
    Kind {
        /// The family's settings; one row, with the nil id.
        Household = "household",
        /// A child profile.
        Child = "child",
        /// A pet of the family.
        Pet = "pet",
        /// Weekly free hours.
        Slot = "slot",
        /// A date that differs from the week.
        Exception = "exception",
        /// A verdict on a card.
        Swipe = "swipe",
        /// A card of a deck.
        Card = "card",
        /// Two released yeses.
        Match = "match",
        /// A proposed or agreed meeting.
        Playdate = "playdate",
        /// Something that is switched off.
        Switch = "switch",
        /// Another family that is kept away.
        Block = "block",
    }
}

/// The id of the one household row: the account is known from the session, never from the payload.
pub const HOUSEHOLD_ROW: Uuid = Uuid::nil();

/// The reserved field that says a row was removed. A register like any other.
pub const DELETED: &str = "deleted";

/// Fields by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(pub ByName<Value>);

impl Fields {
    /// Just the removal.
    pub fn removal() -> Self {
        Self(ByName::from_iter([(Name::known(DELETED), Value::Bool(true))]))
    }

    /// Whether the row was removed.
    pub fn is_deleted(&self) -> bool {
        self.0.get(DELETED) == Some(&Value::Bool(true))
    }

    /// The fields of `self` that differ from `before`: what a patch has to carry.
    #[must_use]
    pub fn changed_since(&self, before: &Self) -> Self {
        Self(
            self.0
                .iter()
                .filter(|(name, value)| before.0.get(name) != Some(*value))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    }
}

/// A hybrid logical clock: 48 bits of milliseconds since 1970, 16 bits of counter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Hlc(pub u64);

impl Hlc {
    /// The first clock value of a millisecond.
    pub const fn at_ms(ms: i64) -> Self {
        let ms = if ms < 0 { 0 } else { ms as u64 };
        Self(
            (if ms > 0xFFFF_FFFF_FFFF {
                0xFFFF_FFFF_FFFF
            } else {
                ms
            }) << 16,
        )
    }

    /// The milliseconds.
    pub const fn ms(self) -> i64 {
        (self.0 >> 16) as i64
    }

    /// The next value.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

closed_set! {
    /// What an owner can do with a playdate. A match can only be called off, and everything with it.
    PlaydateAct {
        /// Would come.
        Accept = "accept",
        /// Would not.
        Decline = "decline",
        /// Calls it off.
        Cancel = "cancel",
    }
}

/// What a mutation does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// Sets fields. Creating a row is setting all of them.
    Patch {
        /// The fields that changed.
        fields: Fields,
    },
    /// Acts on a playdate, or takes back a match.
    Act {
        /// What.
        act: PlaydateAct,
        /// The revision the person saw.
        expect_rev: u32,
    },
}

/// One change made on one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Mutation {
    /// Its number on this device: 1, 2, 3, …
    pub mid: u64,
    /// When, by the device's clock.
    pub hlc: Hlc,
    /// The household's last commit that the device held when the change was made: what the person had seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_seq: Option<u64>,
    /// Whether it waited until something was switched on again: it keeps its stamp, which is by the server's clock, although
    /// its device has said more since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waited: bool,
    /// Which table.
    pub kind: Kind,
    /// Which row.
    pub id: Uuid,
    /// What happens to it.
    #[serde(flatten)]
    pub op: Op,
}

/// The state of one row, as the receiving session may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Row {
    /// Which table. Kept as text: a newer server may send kinds this build does not know, and they are kept.
    pub kind: String,
    /// Which row.
    pub id: Uuid,
    /// The commit that last changed it.
    pub seq: u64,
    /// Its fields; `None` when it was removed.
    pub fields: Option<Fields>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_saturate_instead_of_wrapping() {
        assert_eq!(Hlc::at_ms(-5), Hlc(0));
        assert_eq!(Hlc::at_ms(i64::MAX).ms(), 0xFFFF_FFFF_FFFF);
        assert_eq!(Hlc(u64::MAX).next(), Hlc(u64::MAX));
        assert!(Hlc::at_ms(1_000) > Hlc::at_ms(999).next());
    }

    #[test]
    fn a_mutation_looks_like_this_on_the_wire() {
        let mutation = Mutation {
            mid: 7,
            hlc: Hlc::at_ms(1),
            base_seq: None,
            waited: false,
            kind: Kind::Child,
            id: Uuid::nil(),
            op: Op::Patch {
                fields: Fields::removal(),
            },
        };
        insta::assert_snapshot!(serde_json::to_string(&mutation).unwrap(), @r#"{"mid":7,"hlc":65536,"kind":"child","id":"00000000-0000-0000-0000-000000000000","op":"patch","fields":{"deleted":true}}"#);
    }
}
