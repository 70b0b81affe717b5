//! In whose hands the device is, and its PIN: what is kept of both, and what may be seen of a row while an owner's
//! device is in a child's hands; and that nothing is seen of a blocked family, in whose hands it ever is.
//!
//! In a child's hands, whatever is read is what a child's device would have been sent ([`may_read`]); that holds for
//! every read of this crate, so that no caller can forget it. What the exchange with the server needs, it reads by
//! itself: it goes on with the owner's session.

use std::collections::BTreeSet;

use romp_domain::policy::{FieldSet, may_read};
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::{ChildId, Fields, Kind, Role, ZoneName};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::meta::{self, Key};
use crate::{Reader, StoreError, Writer};

/// The PIN as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPin {
    /// Its hash, in the PHC string format.
    pub hash: String,
    /// Tries since it was last right.
    pub tries: u32,
}

/// To whom the device was handed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// The only child who may choose on it; `None` is any.
    pub child: Option<ChildId>,
    /// The last swipe before: those up to it are not a child's to take back.
    pub after_swipe: i64,
}

impl Reader<'_> {
    /// The PIN, if one is set.
    pub fn pin(&self) -> Result<Option<StoredPin>, StoreError> {
        meta::get(self.conn(), Key::Pin)
    }

    /// To whom an owner's device was handed; `None` while it is in its owner's hands.
    pub fn handed(&self) -> Result<Option<Handed>, StoreError> {
        meta::get(self.conn(), Key::Handed)
    }

    /// What this device may do now: a child's, while it is in a child's hands. Before it joins a family it is its
    /// owner's.
    pub fn role(&self) -> Result<Role, StoreError> {
        match self.handed()? {
            Some(_) => Ok(Role::Child),
            None => self.device_role(),
        }
    }

    /// Whether the family has agreed that its children use Romp, whoever holds the device. Without an account nothing
    /// leaves it, and nobody has to agree.
    pub fn children_may_use_it(&self) -> Result<bool, StoreError> {
        if self.account()?.is_none() {
            return Ok(true);
        }
        Ok(self.family_setting("$.child_consent")?.is_some())
    }

    /// The family's zone, whoever holds the device: quiet hours are meant in it. `None` where nobody has set one.
    pub fn family_zone(&self) -> Result<Option<ZoneName>, StoreError> {
        let zone = self.family_setting("$.zone")?;
        Ok(zone.and_then(|zone| ZoneName::new(&zone).ok()))
    }

    /// A setting of the family as text.
    fn family_setting(&self, path: &str) -> Result<Option<String>, StoreError> {
        let text: Option<Option<String>> = self
            .conn()
            .prepare_cached(
                "SELECT CAST(json_extract(shown, ?3) AS TEXT) FROM row WHERE kind = ?1 AND id = ?2",
            )?
            .query_row(
                params![Kind::Household.word(), HOUSEHOLD_ROW.as_bytes(), path],
                |row| row.get(0),
            )
            .optional()?;
        Ok(text.flatten())
    }

    /// What of a kind may be seen here, and whether that is less than the device holds.
    pub(crate) fn sight(&self, kind: Kind) -> Result<Sight, StoreError> {
        Ok(Sight {
            in_a_childs_hands: self.handed()?.is_some(),
            kept_away: match kind {
                Kind::Card | Kind::Match | Kind::Playdate => self.kept_away()?,
                _ => BTreeSet::new(),
            },
        })
    }

    /// The pets of blocked families, as far as they are named here; whoever holds the device.
    fn kept_away(&self) -> Result<BTreeSet<Uuid>, StoreError> {
        let mut statement = self
            .conn()
            .prepare_cached("SELECT id FROM row WHERE kind = ?1 AND json_extract(shown, '$.blocked') = 1")?;
        let ids = statement.query_map([Kind::Block.word()], |row| Ok(Uuid::from_bytes(row.get(0)?)))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }
}

impl Writer<'_> {
    /// Keeps a PIN, or forgets the one there is.
    pub fn set_pin(&self, pin: Option<&StoredPin>) -> Result<(), StoreError> {
        self.mark_changed();
        meta::set_or_forget(self.conn(), Key::Pin, pin)
    }

    /// Is in the hands of a child from here on.
    pub fn hand_over(&self, child: Option<ChildId>) -> Result<(), StoreError> {
        self.mark_changed();
        let after_swipe = self
            .conn()
            .query_row("SELECT coalesce(max(n), 0) FROM swipe_log", [], |row| row.get(0))?;
        meta::set(self.conn(), Key::Handed, &Handed { child, after_swipe })
    }

    /// Is in the owner's hands again.
    pub fn take_back(&self) -> Result<(), StoreError> {
        self.mark_changed();
        meta::forget(self.conn(), Key::Handed)
    }
}

/// What may be seen.
#[derive(Debug)]
pub(crate) struct Sight {
    in_a_childs_hands: bool,
    /// Nothing is seen of these: they are blocked from the moment in which an owner says so, whatever the server says.
    kept_away: BTreeSet<Uuid>,
}

impl Sight {
    /// Whether that is everything the device holds.
    pub(crate) fn is_whole(&self) -> bool {
        !self.in_a_childs_hands && self.kept_away.is_empty()
    }

    /// What may be seen of a row; `None` where that is nothing at all.
    pub(crate) fn of(&self, kind: Kind, mut fields: Fields) -> Option<Fields> {
        if !self.kept_away.is_empty()
            && other_pet(kind, &fields).is_some_and(|pet| self.kept_away.contains(&pet))
        {
            return None;
        }
        if !self.in_a_childs_hands {
            return Some(fields);
        }
        let readable = may_read(Role::Child, kind);
        let never_agreed = || fields.0.get("confirmed_at").is_none_or(Value::is_null);
        if readable == FieldSet::None || (kind == Kind::Playdate && never_agreed()) {
            return None;
        }
        fields.0.retain(|name, _| readable.contains(name));
        Some(fields)
    }
}

/// The other family's pet that a row is about.
fn other_pet(kind: Kind, fields: &Fields) -> Option<Uuid> {
    let field = match kind {
        Kind::Card => "pet",
        Kind::Match | Kind::Playdate => "other",
        _ => return None,
    };
    fields.0.get(field)?.get("id")?.as_str()?.parse().ok()
}
