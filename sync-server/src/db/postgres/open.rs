//! From a URL to a database with tables: what is connected to, what is refused, and in which words.
//!
//! No error repeats the URL: there is a password in it.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime as PoolRuntime, Timeouts,
};
use futures_executor::block_on;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config};

use super::bus::Way;
use super::{PgDb, tls};

/// Connections that run jobs at the same time. A job is short, so a few keep a database's cores busy.
const CONNECTIONS: usize = 16;

/// How long a connection may take to come about, and a job may wait for one.
const PATIENCE: Duration = Duration::from_secs(10);

/// The oldest version with everything that is used here.
const MIN_VERSION: i32 = 130_000;

/// Whoever brings the tables up to date holds this lock: "Rmps", as in SQLite's files.
const MIGRATING: i64 = 0x526D_7073;

/// What every connection is told first.
///
/// Statements that hang are ended, and so is a transaction whose server process is gone without a word: it would hold
/// its locks. Rows are looked for by index even in small tables, one by one where a list of them is asked for, because
/// a transaction that reads a whole table races with everybody who writes to it. No statement here is worth compiling. And an answer means "durable",
/// whatever the database's default is.
const SETTLE: &str = "
    SET statement_timeout = '20s';
    SET idle_in_transaction_session_timeout = '30s';
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET enable_material = off;
    SET jit = off;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

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

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::pedantic,
    reason = "generated code"
)]
mod embedded {
    refinery::embed_migrations!("src/db/postgres/migrations");
}

impl PgDb {
    /// Whether this is the URL of such a database, rather than a path.
    pub fn is_url(text: &str) -> bool {
        ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
    }

    /// Opens the database behind a URL and brings its tables up to date.
    ///
    /// A database with tables that are not Romp's, or that a newer Romp wrote, is left as it is. Several processes may
    /// do this at the same time.
    pub fn open(url: &str) -> Result<Self, OpenError> {
        let mut config: Config = url.parse().map_err(|_| OpenError::Url)?;
        let connector = tls::connector(&mut config)?;
        config
            .application_name("romp-server")
            .connect_timeout(PATIENCE)
            .keepalives_idle(PATIENCE);
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("romp-postgres")
            .enable_all()
            .build()
            .map_err(OpenError::Thread)?;
        let place = Place::of(&config);
        let way = Way { config, connector };
        let db = Self {
            pool: pool(&way),
            way,
            runtime: Some(runtime),
        };
        {
            let _runtime = db.runtime.as_ref().map(Runtime::enter);
            block_on(prepare(&db.way, &place))?;
        }
        Ok(db)
    }
}

fn pool(way: &Way) -> Pool {
    let fast = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let settle = Hook::async_fn(|client: &mut deadpool_postgres::ClientWrapper, _| {
        Box::pin(async move { client.batch_execute(SETTLE).await.map_err(HookError::Backend) })
    });
    let patience = Timeouts {
        wait: Some(PATIENCE),
        create: Some(PATIENCE),
        recycle: Some(PATIENCE),
    };
    let builder = Pool::builder(Manager::from_config(
        way.config.clone(),
        way.connector.clone(),
        fast,
    ))
    .max_size(CONNECTIONS)
    .post_create(settle)
    .timeouts(patience)
    .runtime(PoolRuntime::Tokio1);
    #[expect(
        clippy::expect_used,
        reason = "it fails only where patience is given without a runtime"
    )]
    builder.build().expect("a pool with a runtime can be built")
}

/// Looks at the database before anything is changed in it, then brings its tables up to date.
async fn prepare(way: &Way, place: &Place) -> Result<(), OpenError> {
    let connected = way.config.connect(way.connector.clone()).await;
    let (mut client, connection) = connected.map_err(|error| place.explained(&error))?;
    tokio::spawn(connection);
    let explained = |error: tokio_postgres::Error| place.explained(&error);
    let server = client
        .query_one(
            "SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                    current_setting('fsync')",
            &[],
        )
        .await
        .map_err(explained)?;
    if server.get::<_, i32>(0) < MIN_VERSION {
        return Err(OpenError::OldServer {
            place: place.address.clone(),
            found: server.get(1),
        });
    }
    if server.get::<_, &str>(2) == "off" {
        tracing::warn!("this PostgreSQL has fsync off: a power cut may damage everything");
    }
    // Held until the connection ends, which is at the end of this function, whatever that is.
    client
        .execute("SELECT pg_advisory_lock($1)", &[&MIGRATING])
        .await
        .map_err(explained)?;
    let runner = embedded::migrations::runner();
    let known = runner
        .get_migrations()
        .iter()
        .map(|step| i64::from(step.version()))
        .max()
        .unwrap_or(0);
    let found = applied(&client, place).await?;
    if found > known {
        return Err(OpenError::Newer {
            name: place.name.clone(),
            found,
            known,
        });
    }
    if let Some(step) = amiss(&client, found, &runner).await.map_err(explained)? {
        return Err(OpenError::Between {
            name: place.name.clone(),
            step,
        });
    }
    if found < known {
        runner.set_grouped(true).run_async(&mut client).await?;
    }
    Ok(())
}

/// The first step that should have been taken on the way to where the tables are, and was not, or was another one.
async fn amiss(
    client: &Client,
    found: i64,
    runner: &refinery::Runner,
) -> Result<Option<i64>, tokio_postgres::Error> {
    if found == 0 {
        return Ok(None);
    }
    let taken: BTreeMap<i64, String> = client
        .query(
            "SELECT version::bigint, checksum FROM refinery_schema_history",
            &[],
        )
        .await?
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    let mut steps: Vec<_> = runner.get_migrations().iter().collect();
    steps.sort();
    let steps = steps
        .into_iter()
        .map(|step| (i64::from(step.version()), step.checksum().to_string()));
    Ok(steps
        .take_while(|(version, _)| *version <= found)
        .find(|(version, checksum)| taken.get(version) != Some(checksum))
        .map(|(version, _)| version))
}

/// The version of the tables; 0 for an empty database.
async fn applied(client: &Client, place: &Place) -> Result<i64, OpenError> {
    let explained = |error: tokio_postgres::Error| place.explained(&error);
    let tables = client
        .query_one(
            "SELECT count(*), coalesce(bool_or(tablename = 'refinery_schema_history'), false),
                    coalesce(bool_or(tablename = 'household_settings'), false)
             FROM pg_catalog.pg_tables WHERE schemaname = current_schema()",
            &[],
        )
        .await
        .map_err(explained)?;
    let (count, has_history, is_ours): (i64, bool, bool) = (tables.get(0), tables.get(1), tables.get(2));
    // A history alone is what is left of a first start that was cut short.
    if count > 0 && !is_ours && !(has_history && count == 1) {
        return Err(OpenError::Foreign {
            name: place.name.clone(),
        });
    }
    if !has_history {
        return Ok(0);
    }
    let version = client
        .query_one(
            "SELECT coalesce(max(version), 0)::bigint FROM refinery_schema_history",
            &[],
        )
        .await
        .map_err(explained)?;
    Ok(version.get(0))
}

/// Where the database is, in words without secrets.
struct Place {
    address: String,
    user: String,
    name: String,
}

impl Place {
    fn of(config: &Config) -> Self {
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

    fn explained(&self, error: &tokio_postgres::Error) -> OpenError {
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
