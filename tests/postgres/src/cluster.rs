//! The cluster, its databases, and the guard that ends it.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::tools::{as_owner, hand_over, is_root, owner, programs, run};

/// Set by `cargo xtask test`, which installs everything first: then a missing PostgreSQL fails its test.
const SKIP_NOTHING: &str = "ROMP_TESTS_SKIP_NOTHING";

/// What every cluster is started with. `max_connections` is for many tests at a time, each with pools of its own.
const SETTINGS: &str = "
listen_addresses = ''
port = 5432
max_connections = 300
max_pred_locks_per_transaction = 256
autovacuum_naptime = 1min
log_min_messages = warning
";

/// What a cluster for tests is started with besides.
const FORGETFUL: &str = "
fsync = off
full_page_writes = off
shared_buffers = 64MB
";

/// What a cluster is for.
enum Purpose<'a> {
    /// Tests: quick.
    Tests,
    /// Measuring: what was committed is on the disk, as PostgreSQL comes; on these processor cores only.
    Measuring { cores: &'a str },
}

/// Who has to say a password: nobody but a role of this name, if a test makes one.
const DOOR: &str = "local all with_password scram-sha-256\nlocal all all trust\n";

/// Waits until its input ends, as it does with the process of the tests, and then ends the cluster.
const GUARD: &str = r#"trap '' INT TERM HUP
read -r _
"$@" -m immediate -w stop
rm -rf "$FOLDER"
"#;

/// A running PostgreSQL.
pub struct Cluster {
    programs: PathBuf,
    /// With the data and the socket.
    folder: PathBuf,
    owner: String,
    templates: Mutex<BTreeSet<String>>,
    databases: AtomicU32,
}

/// The cluster of this process. Where there is no PostgreSQL, says that `test` is skipped, and the test is to return.
///
/// # Panics
/// Where nothing may be skipped and there is no PostgreSQL, and when it does not start.
pub fn cluster(test: &str) -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    let start = |programs| Cluster::start(programs, &Purpose::Tests);
    let cluster = CLUSTER.get_or_init(|| programs().map(start)).as_ref();
    if cluster.is_none() {
        assert!(
            env::var_os(SKIP_NOTHING).is_none(),
            "{test} needs PostgreSQL (Debian's package `postgresql`)"
        );
        // Past the test runner's capture, because a test that did not run must not look like one that passed.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED {test}: no PostgreSQL. `cargo xtask test` installs it."
        );
    }
    cluster
}

/// The cluster of this process for measuring: with `fsync`, and on these processor cores only, such as `0`. None where
/// there is no PostgreSQL. The cores are those of the first call.
///
/// # Panics
/// When it does not start.
pub fn measured_cluster(cores: &str) -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    let start = |programs| Cluster::start(programs, &Purpose::Measuring { cores });
    CLUSTER.get_or_init(|| programs().map(start)).as_ref()
}

impl Cluster {
    fn start(programs: PathBuf, purpose: &Purpose<'_>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("romp-pg-")
            .tempdir()
            .expect("a temporary folder can be made")
            .keep();
        hand_over(&folder);
        let data = folder.join("data");
        run(as_owner(&programs.join("initdb"))
            .args([
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--no-instructions",
                "--pgdata",
            ])
            .arg(&data));
        let mut settings = SETTINGS.to_owned();
        if matches!(purpose, Purpose::Tests) {
            settings.push_str(FORGETFUL);
        }
        let _ = writeln!(settings, "unix_socket_directories = '{}'", folder.display());
        let file = data.join("postgresql.auto.conf");
        std::fs::write(&file, settings).expect("the cluster's settings can be written");
        std::fs::write(data.join("pg_hba.conf"), DOOR).expect("the cluster's door can be written");
        let control = programs.join("pg_ctl");
        guard(&control, &data, &folder);
        let mut start = as_owner(&control);
        if let Purpose::Measuring { cores } = purpose {
            let all = start;
            start = Command::new("taskset");
            start
                .args(["-c", cores])
                .arg(all.get_program())
                .args(all.get_args());
            start.current_dir("/");
        }
        run(start
            .arg("--pgdata")
            .arg(&data)
            .arg("--log")
            .arg(folder.join("log"))
            .args(["-w", "start"]));
        Self {
            programs,
            folder,
            owner: owner(),
            templates: Mutex::default(),
            databases: AtomicU32::new(0),
        }
    }

    /// An empty database.
    pub fn empty(&self) -> Database<'_> {
        self.create("template0")
    }

    /// A database like the template of this name, which `fill` fills the first time it is asked for: it gets the
    /// URL of an empty one, and must leave no connection to it.
    pub fn like(&self, template: &str, fill: impl FnOnce(&str)) -> Database<'_> {
        let mut templates = self.templates.lock().unwrap_or_else(PoisonError::into_inner);
        if !templates.contains(template) {
            self.sql(
                "postgres",
                &format!("CREATE DATABASE {template} TEMPLATE template0"),
            );
            fill(&self.url(template));
            templates.insert(template.to_owned());
        }
        drop(templates);
        self.create(template)
    }

    /// Runs one statement in a database, as a superuser, and returns what it says: a line per row, columns parted by `|`.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        run(as_owner(&self.programs.join("psql"))
            .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d"])
            .arg(self.url(database))
            .arg("-c")
            .arg(statement))
    }

    /// The process that all others of the cluster are started by.
    ///
    /// # Panics
    /// When the cluster is gone.
    pub fn process(&self) -> u32 {
        let noted = std::fs::read_to_string(self.folder.join("data/postmaster.pid"));
        let noted = noted.expect("a running cluster has noted its process");
        let first = noted.lines().next().and_then(|line| line.trim().parse().ok());
        first.expect("a process has a number")
    }

    /// The URL of a database in this cluster.
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.to_string_lossy().replace('/', "%2F");
        format!("postgres://{}@{folder}/{database}", self.owner)
    }

    fn create(&self, template: &str) -> Database<'_> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Database {
            cluster: self,
            url: self.url(&name),
            name,
        }
    }
}

/// One test's database. Gone when this is dropped, together with all connections to it.
pub struct Database<'c> {
    cluster: &'c Cluster,
    name: String,
    url: String,
}

impl Database<'_> {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is, for a client.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The socket that the cluster listens on.
    pub fn socket(&self) -> PathBuf {
        self.cluster.folder.join(".s.PGSQL.5432")
    }

    /// Runs one statement in it; see [`Cluster::sql`].
    pub fn sql(&self, statement: &str) -> String {
        self.cluster.sql(&self.name, statement)
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // A panic in here would hide the one of a test that fails.
        let _ = as_owner(&self.cluster.programs.join("psql"))
            .args(["-Xq", "-d"])
            .arg(self.cluster.url("postgres"))
            .arg("-c")
            .arg(format!("DROP DATABASE {} WITH (FORCE)", self.name))
            .output();
    }
}

#[expect(
    clippy::zombie_processes,
    reason = "it outlives this process; that is what it is for"
)]
/// Starts the guard before the cluster, so that there is no moment in which a cluster could be left behind.
fn guard(control: &Path, data: &Path, folder: &Path) {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "guard"]);
    if is_root() {
        command.args(["runuser", "-u", "postgres", "--"]);
    }
    let mut guard = command
        .arg(control)
        .arg("--pgdata")
        .arg(data)
        .env("FOLDER", folder)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Its own group: an interrupt at the terminal is for the tests, and the guard ends after them.
        .process_group(0)
        .spawn()
        .expect("the cluster's guard can be started");
    // The guard's input ends when this process does; until then it stays open.
    std::mem::forget(guard.stdin.take());
}
