//! What a push should make of the rows, field by field: written here once more, without the server's judge or merge.

use std::collections::BTreeMap;

use romp_domain::{
    DeviceId, Entity, ErrorCode, Fields, Hlc, Household, Kind, MatchId, Mutation, Op, PetId, Role, Swipe,
    SwipeId, ZoneName,
};
use romp_sync::{Registers, Stamp};
use serde_json::Value;
use uuid::Uuid;

use super::careful::{SWITCHING, careful, moves};
use super::stamps::{corrected, own_stamp};
use super::{Exchange, Expected, Key, Model, TOLD_AGAIN_MS};
use crate::oracle::{Violation, broken};
use crate::privacy::child_may_set;
use crate::spy::Write;

impl Model {
    /// What the new mutations of the exchange make of the rows. Empty where the transaction is not a push.
    pub(super) fn expected(
        &self,
        exchange: Option<&Exchange>,
        writes: &[Write],
        now: i64,
    ) -> Result<Expected, Violation> {
        let mut expected = Expected::default();
        let Some(exchange) = exchange else {
            return Ok(expected);
        };
        let pushed = writes.iter().rev().find_map(|write| match write {
            Write::Device(device) if device.id == exchange.device => Some(device),
            _ => None,
        });
        let known = self.devices.get(&exchange.device);
        let adopted = exchange.adopts.unwrap_or(0);
        let (known_mid, known_hlc) =
            known.map_or((adopted, Hlc(0)), |known| (known.held.mid, known.last_hlc));
        expected.last_mid = known_mid;
        expected.last_hlc = known_hlc;
        let Some(pushed) = pushed else {
            return Ok(expected);
        };
        let refused: BTreeMap<u64, ErrorCode> = writes
            .iter()
            .filter_map(|write| match write {
                Write::Reject(device, mid, code) if *device == exchange.device => Some((*mid, *code)),
                _ => None,
            })
            .collect();
        expected.ended = writes
            .iter()
            .filter_map(|write| match write {
                Write::Match(record) if record.ended => Some(record.id),
                _ => None,
            })
            .collect();
        for mutation in &exchange.mutations {
            if mutation.mid <= expected.last_mid || mutation.mid > pushed.held.mid {
                continue;
            }
            if mutation.mid != expected.last_mid + 1 {
                return broken("2", format!("mutation {} was skipped", expected.last_mid + 1));
            }
            expected.last_mid = mutation.mid;
            let (sent, previous) = if mutation.waited {
                (Hlc::at_ms(now), Hlc(0))
            } else {
                (exchange.clock, expected.last_hlc)
            };
            let hlc = corrected(mutation.hlc, sent, now, previous);
            expected.last_hlc = expected.last_hlc.max(hlc);
            match refused.get(&mutation.mid) {
                None => {
                    self.was_allowed(exchange, mutation, &expected, now)?;
                    self.expect(exchange, mutation, hlc, &mut expected)?;
                }
                Some(code) => {
                    let protects = if *code == ErrorCode::SwitchedOff {
                        self.was_switched_off(exchange, mutation, &expected, now)?
                    } else {
                        let unheard = *code == ErrorCode::Stale;
                        self.takes_effect_all_the_same(exchange, mutation, &expected, unheard)
                    };
                    let Some(protects) = protects else { continue };
                    let (Op::Patch { fields: all }, Op::Patch { fields }) = (&mutation.op, &protects.op)
                    else {
                        unreachable!("of an act nothing is left");
                    };
                    let refused = all.0.keys().filter(|field| !fields.0.contains_key(field));
                    expected
                        .refused_in_part
                        .insert(mutation.mid, refused.map(ToString::to_string).collect());
                    self.expect(exchange, &protects, hlc, &mut expected)?;
                }
            }
        }
        Ok(expected)
    }

    fn expect(
        &self,
        exchange: &Exchange,
        mutation: &Mutation,
        hlc: Hlc,
        expected: &mut Expected,
    ) -> Result<(), Violation> {
        let fields = match &mutation.op {
            Op::Act { .. } if exchange.role == Role::Child => {
                return broken("I5", format!("a child's device did {:?}", mutation.op));
            }
            Op::Act { .. } => {
                self.expect_act(exchange, mutation, hlc, expected);
                return Ok(());
            }
            Op::Patch { fields } => fields,
        };
        if exchange.role == Role::Child && !child_may_set(mutation.kind, fields) {
            return broken("I5", format!("a child's device set {mutation:?}"));
        }
        let key = (exchange.household, mutation.kind, mutation.id);
        let before = expected.rows.get(&key).or_else(|| self.rows.get(&key)).cloned();
        let mut patch = fields.clone();
        let mut released = None;
        let stamp_of = |row: Option<&Registers>, name: &str| own_stamp(exchange, hlc, row, name);
        if let Some(row) = before.as_ref().filter(|_| mutation.kind == Kind::Swipe) {
            if let Some(id) = self.is_matched(&row.fields) {
                if exchange.role == Role::Child {
                    // Settled between the families; the device is answered as if nothing were special.
                    return Ok(());
                }
                if !expected.ended.contains(&id) {
                    return broken("6", format!("a swipe of a match was changed: {mutation:?}"));
                }
            }
            let differs = |name: &str| {
                let old = row.fields.0.get(name).unwrap_or(&Value::Null);
                patch.0.get(name).is_some_and(|new| new != old)
            };
            let wins = |name: &str| {
                patch.0.contains_key(name)
                    && row
                        .stamps
                        .get(name)
                        .is_none_or(|old| stamp_of(Some(row), name) > *old)
            };
            let takes = |name: &str| is_taken(&patch, row, stamp_of(Some(row), name), name);
            let choice = ["verdict", "by_child"];
            let chosen = hlc.ms() >= TOLD_AGAIN_MS || choice.iter().any(|name| takes(name) && differs(name));
            let by_child = patch.0.get("by_child").or(row.fields.0.get("by_child"));
            let by_child = by_child.is_some_and(|child| !child.is_null());
            let of_child = exchange.role == Role::Child || by_child && !patch.0.contains_key("released");
            let loses = patch.0.contains_key("verdict") && !wins("verdict");
            if of_child && chosen && (differs("verdict") || differs("by_child")) {
                // A release never covers what the child chooses afterwards, whatever the clocks say.
                let at = row.stamps.get("released");
                let stamp = Stamp(hlc, exchange.device);
                released = Some(at.map_or(stamp, |at| stamp.max(Stamp(Hlc(at.0.0 + 1), exchange.device))));
                patch.0.insert("released".to_owned(), Value::Null);
            }
            if loses && patch.0.get("released").is_some_and(|value| value == "yes") {
                // A release goes with its verdict.
                patch.0.remove("released");
            }
        }
        // Of what was removed nothing is kept, and nothing can be said of it any more.
        if before.as_ref().is_some_and(|row| row.fields.is_deleted()) {
            return Ok(());
        }
        let mut after = before.clone().unwrap_or_else(|| unsaid(mutation.kind));
        if mutation.kind == Kind::Switch && before.is_none() {
            // Whose a switch is, the server writes.
            let author = serde_json::json!(exchange.device);
            patch.0.insert("author".to_owned(), author);
        }
        let mut changed = false;
        let mut restricts = Vec::new();
        for (name, value) in &patch.0 {
            let own = stamp_of(before.as_ref(), name);
            let mut stamp = released.filter(|_| name == "released").unwrap_or(own);
            let there = before.as_ref().and_then(|row| row.stamps.get(name));
            let old = before.as_ref().and_then(|row| row.fields.0.get(name));
            match careful(mutation.kind, name, old, value) {
                Some(true) => {
                    // Careful values win, whatever the clocks say.
                    if stamp.0.ms() >= TOLD_AGAIN_MS {
                        stamp.0 = stamp.0.max(there.map_or(Hlc(0), |there| Hlc(there.0.0 + 1)));
                    }
                    restricts.push((key, name.to_string()));
                }
                Some(false) if there.is_none_or(|there| stamp > *there) => {
                    self.was_seen(&key, name, exchange, mutation, &patch)?;
                    if moves(mutation.kind, name, old, value) {
                        restricts.push((key, name.to_string()));
                    }
                }
                _ => {}
            }
            if exchange.role == Role::Child && name == "verdict" {
                restricts.push((key, "released".to_owned()));
            }
            if overrides(stamp, value, after.stamps.get(name), after.fields.0.get(name)) {
                after.fields.0.insert(name.clone(), value.clone());
                after.stamps.insert(name.clone(), stamp);
                changed = true;
            }
        }
        if changed {
            self.leaves(&key, &after, expected);
            expected.rows.insert(key, after);
            expected.restricts.extend(restricts);
        }
        Ok(())
    }

    /// Which matches end with a change: a pet or the whole family goes, or another family is kept away.
    fn leaves(&self, key: &Key, after: &Registers, expected: &mut Expected) {
        let (home, kind, id) = *key;
        let field = |name: &str| after.fields.0.get(name);
        for record in self.matches.values() {
            let [one, two] = &record.sides;
            let (own, other) = if one.household == home {
                (one, two)
            } else {
                (two, one)
            };
            let leaves = own.household == home
                && match kind {
                    Kind::Pet => own.pet == PetId(id) && after.fields.is_deleted(),
                    Kind::Household => field("share_consent").is_none_or(Value::is_null),
                    Kind::Block => {
                        field("blocked") == Some(&Value::Bool(true))
                            && self.homes.get(&PetId(id)) == Some(&other.household)
                    }
                    _ => false,
                };
            if leaves {
                expected.left.insert(record.id);
            }
        }
    }

    fn expect_act(&self, exchange: &Exchange, mutation: &Mutation, hlc: Hlc, expected: &mut Expected) {
        expected.acts.push(mutation.clone());
        if mutation.kind == Kind::Match {
            self.taken_back(exchange, MatchId(mutation.id), hlc, expected);
        }
    }

    /// The own choice of a match that is taken back is not let out any more. As every restriction, that wins.
    fn taken_back(&self, exchange: &Exchange, id: MatchId, hlc: Hlc, expected: &mut Expected) {
        let home = exchange.household;
        let stood = self
            .matches
            .get(&id)
            .filter(|record| !record.ended && !expected.left.contains(&id) && expected.ended.contains(&id));
        let Some(record) = stood else { return };
        let (own, other) = if record.sides[0].household == home {
            (&record.sides[0], &record.sides[1])
        } else {
            (&record.sides[1], &record.sides[0])
        };
        expected.left.insert(id);
        let key = (home, Kind::Swipe, SwipeId::of(own.pet, other.pet).0);
        let row = expected.rows.get(&key).or_else(|| self.rows.get(&key));
        let Some(mut row) = row
            .filter(|row| row.fields.0.get("released").is_some_and(|value| value == "yes"))
            .cloned()
        else {
            return;
        };
        let there = row.stamps.get("released");
        let at = there.map_or(hlc, |there| hlc.max(Hlc(there.0.0 + 1)));
        row.fields.0.insert("released".to_owned(), "no".into());
        row.stamps
            .insert("released".to_owned(), Stamp(at, exchange.device));
        expected.rows.insert(key, row);
        expected.restricts.push((key, "released".to_owned()));
    }

    /// Whoever loosens has seen the restriction, unless it is a choice of one's own.
    fn was_seen(
        &self,
        key: &Key,
        name: &str,
        exchange: &Exchange,
        mutation: &Mutation,
        patch: &Fields,
    ) -> Result<(), Violation> {
        let own_choice = mutation.kind == Kind::Swipe && patch.0.contains_key("verdict");
        if own_choice || !self.has_not_seen(key, name, exchange, mutation) {
            return Ok(());
        }
        let loosened = format!("{key:?}.{name} was loosened by somebody who had not seen the restriction");
        broken("8", loosened)
    }

    /// Whether somebody else restricted what a mutation loosens, after what its maker had seen.
    fn has_not_seen(&self, key: &Key, name: &str, exchange: &Exchange, mutation: &Mutation) -> bool {
        // Whoever removes a switch, or has it concern others, loosens all of it.
        let whole = mutation.kind == Kind::Switch && matches!(name, "deleted" | "scope");
        let loosened = if whole { &SWITCHING[..] } else { &[name] };
        loosened.iter().any(|name| {
            let last = self.restricted.get(&(*key, (*name).to_owned()));
            last.is_some_and(|(seq, device)| {
                *device != exchange.device && mutation.base_seq.is_none_or(|seen| seen < *seq)
            })
        })
    }

    /// The match that a swipe led to, while it lasts.
    fn is_matched(&self, swipe: &Fields) -> Option<MatchId> {
        let swipe = Swipe::read_known(swipe)?;
        let record = self
            .matches
            .get(&MatchId::of(swipe.actor_pet, swipe.target_pet))?;
        (!record.ended).then_some(record.id)
    }
}

/// Whether a field of a patch takes the place of what is there.
fn is_taken(patch: &Fields, row: &Registers, stamp: Stamp, name: &str) -> bool {
    let new = patch.0.get(name);
    new.is_some_and(|new| overrides(stamp, new, row.stamps.get(name), row.fields.0.get(name)))
}

/// Whether a value takes the place of another: the later one. Two of one stamp were told again by one device out of two
/// histories, or are the same; then the text decides.
fn overrides(stamp: Stamp, new: &Value, there: Option<&Stamp>, old: Option<&Value>) -> bool {
    there.is_none_or(|there| {
        stamp > *there || (stamp == *there && old.map(ToString::to_string) < Some(new.to_string()))
    })
}

/// What a row says before anybody said anything.
fn unsaid(kind: Kind) -> Registers {
    if kind == Kind::Household {
        let nobody = Stamp(Hlc(0), DeviceId(Uuid::nil()));
        return Registers::of(&Household::new(ZoneName::utc()).to_fields(), nobody);
    }
    Registers::default()
}
