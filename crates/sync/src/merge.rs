//! Merging: every field is a register; the later stamp wins, ties go to the greater device id.
//!
//! Commutative, associative and idempotent, so the order in which devices reach the server does not matter.
//! Absent: rules by kind that need more than the field itself (they are the server's, in `sync-server/src/sync`).

use std::sync::Arc;

use romp_domain::{ByName, DeviceId, Fields, Hlc};
use serde::{Deserialize, Serialize};

use crate::clock::{MAX_AHEAD_MS, TOLD_AGAIN_BEFORE, furthest};

/// When and by which device a field was set. Ordered by clock, then by device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp(pub Hlc, pub DeviceId);

/// A row's fields with the stamp of each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registers {
    /// The values.
    pub fields: Fields,
    /// The stamps, one for each value.
    pub stamps: ByName<Stamp>,
}

impl Registers {
    /// The registers that a single patch makes.
    pub fn of(patch: &Fields, stamp: Stamp) -> Self {
        Self::made_of(patch.clone(), stamp)
    }

    /// The same, of a patch that nobody else needs.
    pub fn made_of(fields: Fields, stamp: Stamp) -> Self {
        let stamps = fields.0.keys().map(|name| (name.clone(), stamp)).collect();
        Self { fields, stamps }
    }

    /// Makes every field later than what its own device said of it in `there`; but for what is told again, which stays as
    /// old as it is.
    pub fn follow(&mut self, there: &Self) {
        for (name, Stamp(before, by)) in &there.stamps {
            if let Some(Stamp(clock, device)) = self.stamps.get_mut(name)
                && by == device
                && *clock >= TOLD_AGAIN_BEFORE
            {
                *clock = (*clock).max(before.next());
            }
        }
    }

    /// The same row, in which no field is from the time to come: what a server's clock was ahead once, wins over nothing
    /// that is said after it was put right.
    #[must_use]
    pub fn no_later_than(self: Arc<Self>, now_ms: i64) -> Arc<Self> {
        let furthest = furthest(now_ms);
        // What is said now was stamped a moment ago.
        let before = Hlc::at_ms(now_ms.saturating_sub(MAX_AHEAD_MS));
        if self.stamps.iter().all(|(_, stamp)| stamp.0 <= furthest) {
            return self;
        }
        let past = |stamp: &Stamp| Stamp(if stamp.0 > furthest { before } else { stamp.0 }, stamp.1);
        let stamps = self
            .stamps
            .iter()
            .map(|(name, stamp)| (name.clone(), past(stamp)));
        Arc::new(Self {
            stamps: stamps.collect(),
            fields: self.fields.clone(),
        })
    }

    /// Takes over every field of `other` that is later. Returns whether anything changed.
    pub fn merge(&mut self, other: &Self) -> bool {
        let mut changed = false;
        for (name, value) in &other.fields.0 {
            let Some(theirs) = other.stamps.get(name) else {
                continue;
            };
            let later = match self.stamps.get(name) {
                None => true,
                // The same stamp twice is the same mutation twice; should two values claim it, the text decides.
                Some(ours) if ours == theirs => {
                    let text = |fields: &Fields| fields.0.get(name).map(ToString::to_string);
                    text(&self.fields) < text(&other.fields)
                }
                Some(ours) => theirs > ours,
            };
            if later {
                self.fields.0.insert(name.clone(), value.clone());
                self.stamps.insert(name.clone(), *theirs);
                changed = true;
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use romp_domain::id::DeviceId;
    use serde_json::Value;

    fn registers() -> impl Strategy<Value = Registers> {
        let field = (0u8..4, 0u8..6, 0u64..4, 0u128..3);
        proptest::collection::vec(field, 0..6).prop_map(|fields| {
            let mut all = Registers::default();
            for (name, value, hlc, device) in fields {
                let patch = Fields([(format!("f{name}"), Value::from(value))].into_iter().collect());
                all.merge(&Registers::of(
                    &patch,
                    Stamp(
                        Hlc(hlc),
                        DeviceId(serde_json::from_value(Value::from(uuid_text(device))).unwrap()),
                    ),
                ));
            }
            all
        })
    }

    fn uuid_text(n: u128) -> String {
        format!("00000000-0000-0000-0000-{n:012x}")
    }

    fn merged(a: &Registers, b: &Registers) -> Registers {
        let mut out = a.clone();
        out.merge(b);
        out
    }

    proptest! {
        #[test]
        fn row_52_merge_is_commutative(a in registers(), b in registers()) {
            prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        }

        #[test]
        fn merge_is_associative(a in registers(), b in registers(), c in registers()) {
            prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        }

        #[test]
        fn row_45_merge_is_idempotent(a in registers(), b in registers()) {
            let once = merged(&a, &b);
            prop_assert_eq!(merged(&once, &b), once.clone());
            let mut again = once.clone();
            prop_assert!(!again.merge(&b), "a replay changes nothing");
        }
    }
}
