//! A database of Romp's server, and the server on it.
//!
//! A database is a file of SQLite's, or one in a PostgreSQL that is started for the measurement, with `fsync`, on the
//! server's core. Then what is said of the server's processor time and memory includes PostgreSQL's.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use romp_server::db::postgres::PgDb;
use romp_server::db::sqlite::SqliteDb;
use romp_server::db::{Answer, Db, Fault, Job};
use tempfile::TempDir;

use super::postgres::Postgres;
use crate::process::{Program, disk_bytes, free_port, on_server_core};
use crate::{Measurement, Outcome, Peer};

/// Runs jobs on threads of their own, as the server does: inside of a task of tokio's, a job of many statements would
/// use up what the task may do at a time, and wait for itself.
struct Elsewhere(PgDb);

impl Elsewhere {
    fn run(&self, job: impl FnOnce(&PgDb) -> Result<Answer, Fault> + Send) -> Result<Answer, Fault> {
        std::thread::scope(|threads| threads.spawn(|| job(&self.0)).join())
            .unwrap_or_else(|_| Err(Fault::Backend("a job panicked".into())))
    }
}

impl Db for Elsewhere {
    fn run_write(&self, job: Job) -> Result<Answer, Fault> {
        self.run(|db| db.run_write(job))
    }

    fn run_read(&self, job: Job) -> Result<Answer, Fault> {
        self.run(|db| db.run_read(job))
    }
}

/// Where everything of one measurement is; removed at its end.
pub(crate) struct Place {
    folder: TempDir,
    postgres: Option<Postgres>,
    server: PathBuf,
    log: PathBuf,
    address: SocketAddr,
}

impl Place {
    /// An empty one.
    pub(crate) fn new(measurement: &Measurement) -> Outcome<Self> {
        let postgres = match measurement.peer {
            Peer::RompPg => Some(Postgres::new()?),
            _ => None,
        };
        let folder = TempDir::with_prefix_in("romp-", &measurement.scratch)
            .map_err(|error| format!("{}: {error}", measurement.scratch.display()))?;
        Ok(Self {
            folder,
            postgres,
            server: measurement.server.clone(),
            log: measurement.scratch.join("romp-server.log"),
            address: free_port()?,
        })
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("server").join("romp.sqlite")
    }

    /// A path for a device's database.
    pub(crate) fn device(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.sqlite"))
    }

    /// The database, for filling it while no server runs.
    pub(crate) fn db(&self) -> Outcome<Arc<dyn Db>> {
        if let Some(postgres) = &self.postgres {
            let db = PgDb::open(postgres.url()).map_err(|error| error.to_string())?;
            return Ok(Arc::new(Elsewhere(db)));
        }
        let path = self.file();
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        }
        Ok(Arc::new(
            SqliteDb::open(&path).map_err(|error| error.to_string())?,
        ))
    }

    /// Bytes of the database on disk; of PostgreSQL's, without its log of changes.
    pub(crate) fn disk_bytes(&self) -> Outcome<f64> {
        match &self.postgres {
            Some(postgres) => postgres.disk_bytes(),
            None => Ok(self.file().parent().map_or(0.0, disk_bytes)),
        }
    }

    /// Where the server listens, once it runs.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts the server, always at the same address.
    pub(crate) fn serve(&self) -> Outcome<Program> {
        let mut command = on_server_core(&self.server);
        let database = match &self.postgres {
            Some(postgres) => OsString::from(postgres.url()),
            None => self.file().into_os_string(),
        };
        command
            .args(["serve", "--listen", &self.address.to_string(), "--database"])
            .arg(database)
            // All the load comes from one address, and is more than one family may ask for.
            .args([
                "--unlimited",
                "--max-per-address",
                "20000",
                "--max-connections",
                "20000",
            ])
            .env("ROMP_LOG", "warn");
        let (program, _) = Program::start_and_await(&mut command, &self.log, "listening on ")?;
        Ok(program.with(self.postgres.as_ref().map(Postgres::process)))
    }
}
