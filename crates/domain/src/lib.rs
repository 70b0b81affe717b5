//! Romp's vocabulary: what exists, what is valid, who may do what, and how it looks on the wire.
//!
//! Terms: a **household** is the family account; an **owner** is an adult of it; a **child profile** is a
//! nickname, an avatar and an age band; a **card** is a pet shown in a **deck**; a **swipe** is one pet's
//! verdict on another; a **release** lets a child's yes leave the household; a **match** is two released
//! yeses; a **playdate** is first proposed by the server, then accepted by both owners; a **switch** turns
//! something off for somebody, for a while; a **block** keeps two families apart.
//!
//! Deliberately absent: I/O, clocks, randomness, SQL, HTTP. Everything here compiles to wasm. Every type
//! that a person or a peer can fill is valid once it exists: the only ways in are fallible constructors,
//! and serde goes through them.

mod macros;

pub mod audit;
pub mod availability;
pub mod block;
pub mod by_name;
pub mod calls;
pub mod card;
pub mod child;
pub mod code;
pub mod entity;
pub mod error;
pub mod household;
pub mod id;
pub mod pairing;
pub mod pet;
pub mod pin;
pub mod playdate;
pub mod policy;
pub mod public_pet;
pub mod row;
#[cfg(feature = "schema")]
mod schema;
mod secret;
pub mod sent;
pub mod species;
pub mod swipe;
pub mod switch;
pub mod text;
pub mod time;
mod unique;
pub mod unit;
pub mod view;
pub mod wire;
pub mod zone;

pub use audit::AuditEvent;
pub use availability::{DateException, ExceptionChange, WeeklyHours, WeeklySlot};
pub use block::Block;
pub use by_name::{ByName, Name};
pub use card::{Card, Distance, Reason};
pub use child::{AgeBand, Avatar, Child, DailyCards};
pub use entity::Entity;
pub use error::{ErrorCode, Invalid, Problem, Reason as InvalidReason};
pub use household::{Area, Consent, Household, Venue};
pub use id::*;
pub use pet::{Guard, Known, Pet, PlayStyle, Sex, Sociability, Vaccination};
pub use pin::{Pin, TypedPin};
pub use playdate::{Matched, Playdate, PlaydateState};
pub use policy::Role;
pub use public_pet::PublicPet;
pub use row::{Fields, Hlc, Kind, Mutation, Op, PlaydateAct, Row};
pub use sent::Sent;
pub use species::{Breed, Species};
pub use swipe::{Swipe, Verdict};
pub use switch::{QuietHours, Switch, SwitchScope};
pub use time::{Minute, TimeSpan, UtcMs, Weekday};
pub use unit::{Km, Level, Size, Weight};
pub use zone::ZoneName;
