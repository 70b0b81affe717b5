//! What an [`crate::App`] is made of: its folder, its vault, and the sources of time, ids, zone and network.

use std::path::PathBuf;
use std::sync::Arc;

use romp_domain::{Problem, ZoneName};
use romp_store::{Clock, Ids, RandomIds, WallClock};

use crate::{HttpServer, RunningStopwatch, Server, Stopwatch, Vault};

/// Makes the way to the server at an address.
pub type Connect = Box<dyn Fn(&str) -> Result<Arc<dyn Server>, Problem> + Send + Sync>;

/// What an app is made of. [`Config::new`] is the real thing; tests replace parts.
pub struct Config {
    /// The folder of this installation's data; made if missing.
    pub data_dir: PathBuf,
    /// Where the session's token is kept.
    pub vault: Box<dyn Vault>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// What runs on whatever the clock is set to.
    pub stopwatch: Arc<dyn Stopwatch>,
    /// The maker of ids.
    pub ids: Arc<dyn Ids>,
    /// The way to a server.
    pub connect: Connect,
    /// The zone of a household that has not chosen one.
    pub zone: ZoneName,
}

impl Config {
    /// The real clock, ids, zone and network.
    pub fn new(data_dir: PathBuf, vault: Box<dyn Vault>) -> Self {
        Self {
            data_dir,
            vault,
            clock: Arc::new(WallClock),
            stopwatch: Arc::new(RunningStopwatch::default()),
            ids: Arc::new(RandomIds),
            connect: Box::new(|address| Ok(Arc::new(HttpServer::at(address)?))),
            zone: machine_zone(),
        }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

/// The zone the machine is set to, if it says one by name.
fn machine_zone() -> ZoneName {
    jiff::tz::TimeZone::try_system()
        .ok()
        .and_then(|zone| ZoneName::new(zone.iana_name()?).ok())
        .unwrap_or_else(ZoneName::utc)
}
