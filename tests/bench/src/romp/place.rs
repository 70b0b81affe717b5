//! A database of Romp's server, and the server on it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use romp_server::db::Db;
use romp_server::db::sqlite::SqliteDb;
use tempfile::TempDir;

use crate::process::{Program, disk_bytes, free_port, on_server_core};
use crate::{Measurement, Outcome, Peer};

/// Where everything of one measurement is; removed at its end.
pub(crate) struct Place {
    folder: TempDir,
    server: PathBuf,
    log: PathBuf,
    address: SocketAddr,
}

impl Place {
    /// An empty one.
    pub(crate) fn new(measurement: &Measurement) -> Outcome<Self> {
        if measurement.peer == Peer::RompPg {
            return Err("this build of romp-server has no PostgreSQL".into());
        }
        let folder = TempDir::with_prefix_in("romp-", &measurement.scratch)
            .map_err(|error| format!("{}: {error}", measurement.scratch.display()))?;
        Ok(Self {
            folder,
            server: measurement.server.clone(),
            log: measurement.scratch.join("romp-server.log"),
            address: free_port()?,
        })
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("server").join("romp.sqlite")
    }

    /// A path for a device's database.
    pub(crate) fn device(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.sqlite"))
    }

    /// The database, for filling it while no server runs.
    pub(crate) fn db(&self) -> Outcome<Arc<dyn Db>> {
        let path = self.database();
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        }
        Ok(Arc::new(
            SqliteDb::open(&path).map_err(|error| error.to_string())?,
        ))
    }

    /// Bytes of the database on disk.
    pub(crate) fn disk_bytes(&self) -> f64 {
        self.database().parent().map_or(0.0, disk_bytes)
    }

    /// Where the server listens, once it runs.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts the server, always at the same address.
    pub(crate) fn serve(&self) -> Outcome<Program> {
        let mut command = on_server_core(&self.server);
        command
            .args(["serve", "--listen", &self.address.to_string(), "--database"])
            .arg(self.database())
            .env("ROMP_LOG", "warn");
        Program::start_and_await(&mut command, &self.log, "listening on ").map(|(program, _)| program)
    }
}
