//! Atuin's server with a database of its own, and users in it.

use std::net::SocketAddr;
use std::path::PathBuf;

use rusqlite::{Connection, params};
use tempfile::TempDir;

use crate::process::{Program, disk_bytes, free_port, on_server_core};
use crate::romp::fresh_id;
use crate::{Measurement, Outcome};

/// A user's session.
#[derive(Debug, Clone)]
pub(super) struct Account {
    token: String,
}

impl Account {
    /// The headers of each of its requests.
    pub(super) fn headers(&self) -> Vec<(&'static str, String)> {
        vec![
            ("authorization", format!("Token {}", self.token)),
            ("accept", "*/*".to_owned()),
        ]
    }
}

/// Where everything of one measurement is; removed at its end.
pub(super) struct Place {
    folder: TempDir,
    program: PathBuf,
    log: PathBuf,
    address: SocketAddr,
}

impl Place {
    /// An empty one.
    pub(super) fn new(measurement: &Measurement) -> Outcome<Self> {
        let folder = TempDir::with_prefix_in("atuin-", &measurement.scratch)
            .map_err(|error| format!("{}: {error}", measurement.scratch.display()))?;
        for name in ["data", "config"] {
            std::fs::create_dir(folder.path().join(name)).map_err(|error| error.to_string())?;
        }
        Ok(Self {
            folder,
            program: measurement.peers.join("atuin/bin/atuin-server"),
            log: measurement.scratch.join("atuin-server.log"),
            address: free_port()?,
        })
    }

    /// Where the server listens, once it runs.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Bytes of the database on disk.
    pub(super) fn disk_bytes(&self) -> f64 {
        disk_bytes(&self.folder.path().join("data"))
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("data").join("atuin.db")
    }

    /// Starts the server.
    pub(super) fn serve(&self) -> Outcome<Program> {
        let mut command = on_server_core(&self.program);
        command
            .arg("start")
            .env("ATUIN_CONFIG_DIR", self.folder.path().join("config"))
            .env("ATUIN_HOST", self.address.ip().to_string())
            .env("ATUIN_PORT", self.address.port().to_string())
            .env("ATUIN_DB_URI", format!("sqlite://{}", self.database().display()))
            .env("RUST_LOG", "error");
        Program::start_and_connect(&mut command, &self.log, self.address)
    }

    /// A user.
    pub(super) fn account(&self) -> Outcome<Account> {
        self.accounts(1)?.pop().ok_or_else(|| "no user".to_owned())
    }

    /// Users, written into the database that the server has made: hashing their passwords is not what is measured.
    pub(super) fn accounts(&self, count: usize) -> Outcome<Vec<Account>> {
        self.serve()?.stop()?;
        let failed = |error: rusqlite::Error| format!("atuin's database: {error}");
        let mut connection = Connection::open(self.database()).map_err(failed)?;
        let transaction = connection.transaction().map_err(failed)?;
        let mut accounts = Vec::with_capacity(count);
        for number in (1_i64..).take(count) {
            let token = fresh_id().simple().to_string();
            transaction
                .execute(
                    "INSERT INTO users (id, username, email, password) VALUES (?1, ?2, ?3, ?4)",
                    params![
                        number,
                        format!("user{number}"),
                        format!("user{number}@romp.example"),
                        format!("no password {number}")
                    ],
                )
                .map_err(failed)?;
            transaction
                .execute(
                    "INSERT INTO sessions (user_id, token) VALUES (?1, ?2)",
                    params![number, token],
                )
                .map_err(failed)?;
            accounts.push(Account { token });
        }
        transaction.commit().map_err(failed)?;
        Ok(accounts)
    }
}
