//! From a URL to a database with tables: what is connected to, what is refused, and in which words.
//!
//! No error repeats the URL: there is a password in it.

use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime as PoolRuntime, Timeouts,
};
use futures_executor::block_on;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::Config;

use super::bus::{Outgrown, Way};
use super::open_error::{OpenError, Place};
use super::patience::{SILENCE, Unanswered, within};
use super::{PgDb, tables, tls};

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
        Self::open_waiting(url, SILENCE)
    }

    /// The same, and its answers are waited for so long.
    pub(super) fn open_waiting(url: &str, silence: Duration) -> Result<Self, OpenError> {
        let mut config: Config = url.parse().map_err(|_| OpenError::Url)?;
        let connector = tls::connector(&mut config)?;
        config
            .application_name("romp-server")
            .connect_timeout(PATIENCE)
            // A host that is gone says nothing: it is missed after half a minute, not after the system's quarter of an hour.
            .keepalives_idle(PATIENCE)
            .keepalives_interval(PATIENCE / 2)
            .keepalives_retries(4)
            .tcp_user_timeout(PATIENCE * 3);
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("romp-postgres")
            .enable_all()
            .build()
            .map_err(OpenError::Thread)?;
        let place = Place::of(&config);
        let way = Way { config, connector };
        let db = Self {
            pool: pool(&way, silence),
            way,
            runtime: Some(runtime),
            silence,
            outgrown: Outgrown::default(),
        };
        {
            let _runtime = db.runtime.as_ref().map(Runtime::enter);
            block_on(prepare(&db.way, &place, silence.min(PATIENCE)))?;
        }
        Ok(db)
    }
}

fn pool(way: &Way, silence: Duration) -> Pool {
    let fast = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let settle = Hook::async_fn(move |client: &mut deadpool_postgres::ClientWrapper, _| {
        Box::pin(async move {
            let settled = within(silence.min(PATIENCE), client.batch_execute(SETTLE)).await;
            settled.map_err(|error| match error {
                Unanswered::Said(error) => HookError::Backend(error),
                Unanswered::Silent => HookError::message("PostgreSQL does not answer"),
            })
        })
    });
    let patience = Timeouts {
        wait: Some(PATIENCE),
        create: Some(silence.min(PATIENCE)),
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

/// Looks at the database before anything is changed in it, then brings its tables up to date. That may take its time; that
/// anything is heard at all, may not.
async fn prepare(way: &Way, place: &Place, silence: Duration) -> Result<(), OpenError> {
    let unheard = |unanswered: Unanswered| match unanswered {
        Unanswered::Said(error) => place.explained(&error),
        Unanswered::Silent => place.silent(),
    };
    let connected = within(silence, way.config.connect(way.connector.clone())).await;
    let (mut client, connection) = connected.map_err(unheard)?;
    tokio::spawn(connection);
    let explained = |error: tokio_postgres::Error| place.explained(&error);
    let settings = client.query_one(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                current_setting('fsync')",
        &[],
    );
    let server = within(silence, settings).await.map_err(unheard)?;
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
    tables::migrate(&mut client, place).await
}
