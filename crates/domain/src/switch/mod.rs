//! Switches: operations that are "commented out" for a session, a device, a child or the whole family.
//!
//! Terms: a **switch** turns **operations** ([`Operation`]) off for its **scope**, with a **comment** for whoever meets
//! it; it is **in force** from its start to its end, during its **quiet hours** if it has any, as long as it is on.
//! Whether one is in force, and until when, is told by one pure function for server and device ([`word_on`], behind the
//! `zones` feature). What a family is allowed to do by itself each day follows from a child's profile (`today`).
//!
//! Deliberately absent: any way to switch off what protects (see [`crate::policy::operation_of_field`]).

#[cfg(feature = "zones")]
mod force;
#[cfg(feature = "zones")]
mod today;

#[cfg(feature = "zones")]
pub use force::{Until, Word, word_on};
#[cfg(feature = "zones")]
pub use today::{
    Cause, TOO_FAST_MS, TOO_MANY_A_MINUTE, day_begins, day_ends, deck_done, deck_done_comment,
    enough_comment, enough_for_today, local_day, too_fast_comment,
};

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Invalid, Reason};
use crate::id::{ChildId, DeviceId, SessionId};
use crate::policy::{Operation, Role};
use crate::text::Remark;
use crate::time::{Minute, UtcMs, Weekday};
use crate::zone::ZoneName;

/// Most switches that a family may have at once: more than anybody can keep in mind.
pub const MOST_SWITCHES: usize = 100;

/// For whom a switch turns something off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum SwitchScope {
    /// Everybody of the family, owners too.
    Household,
    /// Every child: children's devices, and what is chosen for a child on an owner's.
    Children,
    /// One device.
    Device {
        /// Which.
        device: DeviceId,
    },
    /// One session, for as long as it lasts.
    Session {
        /// Which.
        session: SessionId,
    },
    /// One child, on whatever device it chooses.
    Child {
        /// Which.
        child: ChildId,
    },
}

/// Who does something.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What the device may do.
    pub role: Role,
    /// The device, with all ids under which it ever spoke as this session.
    pub devices: &'a [DeviceId],
    /// The session.
    pub session: Option<SessionId>,
    /// The child for whom it is done, if that is known.
    pub child: Option<ChildId>,
}

impl SwitchScope {
    /// Whether `subject` is in the scope.
    pub fn concerns(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Household => true,
            Self::Children => subject.role == Role::Child || subject.child.is_some(),
            Self::Device { device } => subject.devices.contains(device),
            Self::Session { session } => subject.session == Some(*session),
            Self::Child { child } => subject.child == Some(*child),
        }
    }
}

/// Hours of the day during which something is off, on the weekdays on which they begin, by the family's clock.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawQuiet", into = "RawQuiet")]
pub struct QuietHours {
    weekdays: BTreeSet<Weekday>,
    start: Minute,
    end: Minute,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQuiet {
    weekdays: BTreeSet<Weekday>,
    start: Minute,
    end: Minute,
}

impl QuietHours {
    /// From `start` to `end` of every one of `weekdays`; to `end` of the next day where that is not after `start`.
    pub fn new(weekdays: BTreeSet<Weekday>, start: Minute, end: Minute) -> Result<Self, Reason> {
        if weekdays.is_empty() {
            return Err(Reason::Empty);
        }
        if start == end {
            return Err(Reason::EndsBeforeStart);
        }
        Ok(Self { weekdays, start, end })
    }

    /// The days on which they begin.
    pub const fn weekdays(&self) -> &BTreeSet<Weekday> {
        &self.weekdays
    }

    /// The first minute.
    pub const fn start(&self) -> Minute {
        self.start
    }

    /// The first minute after; of the next day where it is before the first.
    pub const fn end(&self) -> Minute {
        self.end
    }

    /// The same, in minutes after the midnight before they begin.
    pub(crate) fn end_after_midnight(&self) -> u32 {
        let next_day = if self.end > self.start { 0 } else { 24 * 60 };
        u32::from(self.end.get()) + next_day
    }
}

impl TryFrom<RawQuiet> for QuietHours {
    type Error = Reason;
    fn try_from(raw: RawQuiet) -> Result<Self, Reason> {
        Self::new(raw.weekdays, raw.start, raw.end)
    }
}

impl From<QuietHours> for RawQuiet {
    fn from(hours: QuietHours) -> Self {
        Self {
            weekdays: hours.weekdays,
            start: hours.start,
            end: hours.end,
        }
    }
}

/// One switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// For whom.
    pub scope: SwitchScope,
    /// What is off. Never nothing.
    pub operations: BTreeSet<Operation>,
    /// Why, in words that a child can read.
    pub comment: Remark,
    /// The device on which it was made; none when Romp made it by itself. Written by the server.
    #[serde(default)]
    pub author: Option<DeviceId>,
    /// From when.
    pub starts_at: UtcMs,
    /// Until when; none: until somebody lifts it.
    #[serde(default)]
    pub ends_at: Option<UtcMs>,
    /// Only during these hours; none: all the time.
    #[serde(default)]
    pub hours: Option<QuietHours>,
    /// Not lifted.
    pub on: bool,
    /// The family's zone, by whose clock the hours are read. Told to children's devices, which know nothing else of the
    /// family's settings; stored nowhere.
    #[serde(default)]
    pub zone: Option<ZoneName>,
}

impl Switch {
    /// The rules that concern more than one field.
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        if self.operations.is_empty() {
            return Err(Invalid::new("operations", Reason::Empty));
        }
        if self.ends_at.is_some_and(|end| end <= self.starts_at) {
            return Err(Invalid::new("ends_at", Reason::EndsBeforeStart));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Entity;
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn a_switch_looks_like_this_on_the_wire() {
        let mut switch = Switch::example();
        switch.hours = Some(
            serde_json::from_value(json!({"weekdays": ["mon", "sun"], "start": 1200, "end": 420})).unwrap(),
        );
        switch.scope = SwitchScope::Child {
            child: ChildId(Uuid::nil()),
        };
        insta::assert_snapshot!(serde_json::to_string(&switch).unwrap(), @r#"{"scope":{"of":"child","child":"00000000-0000-0000-0000-000000000000"},"operations":["choose"],"comment":"Good night!","author":null,"starts_at":0,"ends_at":null,"hours":{"weekdays":["mon","sun"],"start":1200,"end":420},"on":true,"zone":null}"#);
    }

    #[test]
    fn a_switch_that_turns_nothing_off_or_ends_before_it_starts_or_has_no_hours_cannot_be_read() {
        let with = |field: &str, value| {
            let mut fields = Switch::example().to_fields();
            fields.0.insert(field.to_owned(), value);
            Switch::read(&fields).map_err(|invalid| invalid.field)
        };
        assert_eq!(with("operations", json!([])), Err("operations".into()));
        assert_eq!(with("operations", json!(["sign_out"])), Err("operations".into()));
        assert_eq!(with("ends_at", json!(0)), Err("ends_at".into()));
        assert_eq!(with("comment", json!("  ")), Err("comment".into()));
        assert_eq!(with("comment", json!("x".repeat(201))), Err("comment".into()));
        for hours in [
            json!({"weekdays": [], "start": 0, "end": 1}),
            json!({"weekdays": ["mon"], "start": 60, "end": 60}),
            json!({"weekdays": ["mon"], "start": 60, "end": 1441}),
        ] {
            assert_eq!(with("hours", hours), Err("hours".into()));
        }
        assert!(with("ends_at", json!(1)).is_ok());
    }

    #[test]
    fn a_scope_concerns_whom_it_names() {
        let (tablet, phone) = (DeviceId(Uuid::from_u128(1)), DeviceId(Uuid::from_u128(2)));
        let (mia, tom) = (ChildId(Uuid::from_u128(3)), ChildId(Uuid::from_u128(4)));
        let session = SessionId(Uuid::from_u128(5));
        let devices = [tablet];
        let child = |child| Subject {
            role: Role::Child,
            devices: &devices,
            session: Some(session),
            child,
        };
        let owner = |child| Subject {
            role: Role::Owner,
            ..self::Subject {
                child,
                ..child_free(&devices)
            }
        };
        for (scope, subject, expected) in [
            (SwitchScope::Household, owner(None), true),
            (SwitchScope::Children, owner(None), false),
            (SwitchScope::Children, owner(Some(mia)), true),
            (SwitchScope::Children, child(None), true),
            (SwitchScope::Child { child: mia }, child(Some(mia)), true),
            (SwitchScope::Child { child: mia }, child(Some(tom)), false),
            (SwitchScope::Child { child: mia }, child(None), false),
            (SwitchScope::Device { device: tablet }, child(None), true),
            (SwitchScope::Device { device: phone }, child(None), false),
            (SwitchScope::Session { session }, child(None), true),
            (SwitchScope::Session { session }, owner(None), false),
        ] {
            assert_eq!(scope.concerns(&subject), expected, "{scope:?} {subject:?}");
        }
    }

    fn child_free(devices: &[DeviceId]) -> Subject<'_> {
        Subject {
            role: Role::Owner,
            devices,
            session: None,
            child: None,
        }
    }
}
