//! Why a database could not be opened, in words for the person who runs the server.
//!
//! No error repeats the URL: there is a password in it.

use std::error::Error as _;

use tokio_postgres::Config;
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;

/// Why a database could not be opened. It was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL cannot be read.
    #[error("The database's URL cannot be read; it looks like postgres://user:password@host:port/name.")]
    Url,
    /// The database is on another machine, and the URL does not say how to protect the way there.
    #[error(
        "The database is on another machine: add sslmode=require to its URL, or sslmode=disable if nobody else can listen on the way."
    )]
    Unprotected,
    /// Nobody answers.
    #[error("PostgreSQL at {place} cannot be reached: {detail}.")]
    Unreachable {
        /// Host and port.
        place: String,
        /// What the network says.
        detail: String,
    },
    /// The user or the password is wrong.
    #[error(
        "PostgreSQL at {place} does not let {user} in: the password is wrong or missing, or there is no such user."
    )]
    Password {
        /// Host and port.
        place: String,
        /// Who wanted in.
        user: String,
    },
    /// There is no such database.
    #[error("PostgreSQL at {place} has no database {name}. Please create it: createdb {name}")]
    Missing {
        /// Host and port.
        place: String,
        /// Its name.
        name: String,
    },
    /// TLS was asked for and did not come about.
    #[error("There is no protected connection to the database: {detail}.")]
    Tls {
        /// What the TLS library says.
        detail: String,
    },
    /// PostgreSQL itself is too old.
    #[error("PostgreSQL at {place} is too old (version {found}); 13 or newer is needed.")]
    OldServer {
        /// Host and port.
        place: String,
        /// Its version.
        found: String,
    },
    /// Another program's tables are there.
    #[error(
        "Database {name} has tables of another program. It was left as it is; please give Romp one of its own."
    )]
    Foreign {
        /// Its name.
        name: String,
    },
    /// Written by a newer version.
    #[error(
        "Database {name} was written by a newer romp-server (tables of version {found}, this one knows {known}). Please update; it was left as it is."
    )]
    Newer {
        /// Its name.
        name: String,
        /// The version of its tables.
        found: i64,
        /// The newest that this build knows.
        known: i64,
    },
    /// Written by a version between two releases: its tables lack a step that came later and stands before theirs.
    #[error(
        "Database {name} was made by a development version of romp-server that no later one goes on from (step {step} is missing or different). Please start with an empty one, on which the families' devices tell everything again, or go back to a copy that a release made; it was left as it is."
    )]
    Between {
        /// Its name.
        name: String,
        /// The step.
        step: i64,
    },
    /// Anything else that PostgreSQL says.
    #[error("PostgreSQL at {place} says: {detail}.")]
    Other {
        /// Host and port.
        place: String,
        /// What it says.
        detail: String,
    },
    /// The tables could not be brought up to date.
    #[error("the tables could not be brought up to date: {0}")]
    Migration(#[from] refinery::Error),
    /// No thread for the connections.
    #[error("no thread for the connections: {0}")]
    Thread(std::io::Error),
}

/// Where the database is, in words without secrets.
pub(super) struct Place {
    /// Host and port.
    pub(super) address: String,
    user: String,
    /// The database.
    pub(super) name: String,
}

impl Place {
    /// Somebody takes what is sent, and nobody answers.
    pub(super) fn silent(&self) -> OpenError {
        OpenError::Unreachable {
            place: self.address.clone(),
            detail: "nobody answers there".to_owned(),
        }
    }

    pub(super) fn of(config: &Config) -> Self {
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            #[cfg(unix)]
            Some(Host::Unix(folder)) => folder.display().to_string(),
            None => "localhost".to_owned(),
        };
        let user = config.get_user().unwrap_or("you").to_owned();
        let name = config.get_dbname().unwrap_or(&user).to_owned();
        Self {
            address: format!("{host}:{port}"),
            user,
            name,
        }
    }

    /// What PostgreSQL or the way there says, as one of these.
    pub(super) fn explained(&self, error: &tokio_postgres::Error) -> OpenError {
        let place = self.address.clone();
        if let Some(said) = error.as_db_error() {
            return match said.code() {
                code if *code == SqlState::INVALID_PASSWORD
                    || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION =>
                {
                    OpenError::Password {
                        place,
                        user: self.user.clone(),
                    }
                }
                code if *code == SqlState::INVALID_CATALOG_NAME => OpenError::Missing {
                    place,
                    name: self.name.clone(),
                },
                _ => OpenError::Other {
                    place,
                    detail: said.message().to_owned(),
                },
            };
        }
        let what = error.to_string();
        let detail = error.source().map_or_else(|| what.clone(), ToString::to_string);
        if what.contains("TLS") {
            OpenError::Tls { detail }
        } else if what.contains("authentication") || detail.contains("password") {
            OpenError::Password {
                place,
                user: self.user.clone(),
            }
        } else {
            OpenError::Unreachable { place, detail }
        }
    }
}
