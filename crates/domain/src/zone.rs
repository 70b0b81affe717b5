//! Names of time zones, as the IANA database has them ("Europe/Berlin").
//!
//! With the `zones` feature (core and server) a name is looked up in the database that is compiled in; without it
//! (the UI, which must stay small) only its shape is checked, and the core has the last word.

use serde::{Deserialize, Serialize};

use crate::error::Reason;

/// The name of a time zone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ZoneName(String);

impl ZoneName {
    /// Accepts the name of a known zone.
    pub fn new(name: &str) -> Result<Self, Reason> {
        let shaped = !name.is_empty()
            && name.len() <= 40
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+'));
        if shaped && is_known(name) {
            Ok(Self(name.to_owned()))
        } else {
            Err(Reason::UnknownZone)
        }
    }

    /// Coordinated universal time, where nothing better is known.
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The rules of the zone.
    #[cfg(feature = "zones")]
    pub fn rules(&self) -> jiff::tz::TimeZone {
        DATABASE
            .with(|database| database.get(&self.0))
            .unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

#[cfg(feature = "zones")]
thread_local! {
    /// The bundled database, never the machine's: every device and server computes with the same rules.
    static DATABASE: jiff::tz::TimeZoneDatabase = jiff::tz::TimeZoneDatabase::bundled();
}

#[cfg(feature = "zones")]
fn is_known(name: &str) -> bool {
    DATABASE.with(|database| database.get(name)).is_ok()
}

#[cfg(not(feature = "zones"))]
fn is_known(_: &str) -> bool {
    true
}

impl TryFrom<String> for ZoneName {
    type Error = Reason;
    fn try_from(name: String) -> Result<Self, Reason> {
        Self::new(&name)
    }
}

impl From<ZoneName> for String {
    fn from(zone: ZoneName) -> Self {
        zone.0
    }
}

#[cfg(all(test, feature = "zones"))]
mod tests {
    use super::*;

    #[test]
    fn only_zones_of_the_database_are_accepted() {
        assert!(ZoneName::new("America/Los_Angeles").is_ok());
        assert!(ZoneName::new("Mars/Olympus_Mons").is_err());
        assert!(ZoneName::new("../../etc/passwd").is_err());
        assert!(ZoneName::new("").is_err());
    }
}
