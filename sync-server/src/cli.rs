//! The commands.

use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use romp_domain::text::Email;
use romp_domain::{Invalid, Problem};
use romp_server::db::postgres::PgDb;
use romp_server::db::sqlite::{self, SqliteDb};
use romp_server::db::{Db, DbExt};
use romp_server::env::{SystemClock, SystemRandom};
use romp_server::mail::{Mail, MailError};
use romp_server::passwords::Work;
use romp_server::server::{Server, Settings, serve};
use romp_server::{accounts, openapi, owners, reports, sync};
use tokio::net::TcpListener;

use crate::LogFormat;
use crate::front::Front;
use crate::healthcheck;
use crate::signals::{self, Signals};

mod demo;

use demo::Demo;

/// Anything that a command can fail with; its text is for the operator.
type Failure = Box<dyn Error + Send + Sync>;

/// Romp's server: accounts, sync and matching across all families.
#[derive(Debug, Parser)]
#[command(name = "romp-server", version)]
pub(crate) struct Cli {
    /// How the log is written
    #[arg(
        long,
        env = "ROMP_LOG_FORMAT",
        value_enum,
        default_value = "text",
        global = true
    )]
    pub(crate) log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answers devices until it is stopped
    Serve(Serve),
    /// Prints an invitation with which one family can register
    Invite(Invite),
    /// Fills a database with a made-up neighbourhood of real pets
    Demo(Demo),
    /// Copies the database to a new file, also while the server runs
    Backup(Backup),
    /// Puts a copy in the place of the database, which is kept beside it; the server must be stopped
    Restore(Restore),
    /// Tells devices that the database was put back by other means (a PostgreSQL backup, a disk image); every server
    /// on it must be stopped
    NewEpoch {
        #[command(flatten)]
        database: Database,
    },
    /// Lets the families take part that wait for a code by mail, where no mail goes out any more
    LetTakePart {
        #[command(flatten)]
        database: Database,
    },
    /// Says whose an address is that nobody proved: also for who cannot get a code by mail
    Address {
        #[command(flatten)]
        database: Database,
        /// What becomes of it
        #[arg(value_enum)]
        verdict: owners::Verdict,
        /// The address
        email: String,
    },
    /// Prints what families report about others, the last first
    Reports {
        #[command(flatten)]
        database: Database,
    },
    /// Prints the description of the HTTP interface, as JSON
    Openapi,
    /// Succeeds when a server answers and its database does
    Healthcheck {
        /// Where it listens
        #[arg(long, env = "ROMP_URL", default_value = "http://127.0.0.1:8080")]
        url: String,
        /// Over https: the server's certificate, as a PEM file; no other one is accepted
        #[arg(long, env = "ROMP_TLS_CERT", value_name = "PATH")]
        tls_cert: Option<PathBuf>,
    },
}

#[derive(Args)]
struct Database {
    /// The database file, made if there is none; or a PostgreSQL database's URL, `postgres://user:password@host/name`
    // The environment is the place for a URL with a password: others can see arguments. So help must not show it.
    #[arg(
        long = "database",
        env = "ROMP_DATABASE",
        value_name = "PATH|URL",
        hide_env_values = true
    )]
    place: OsString,
}

/// There may be a password in it.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Database")
    }
}

impl Database {
    /// A server for a command, beside one that may run.
    fn server(&self, settings: Settings) -> Result<Arc<Server>, Failure> {
        self.opened(settings, SqliteDb::open_beside)
    }

    fn opened(
        &self,
        settings: Settings,
        open: fn(&Path) -> Result<SqliteDb, sqlite::OpenError>,
    ) -> Result<Arc<Server>, Failure> {
        let db: Arc<dyn Db> = match self.place.to_str().filter(|text| PgDb::is_url(text)) {
            Some(url) => Arc::new(PgDb::open(url)?),
            None => Arc::new(open(Path::new(&self.place))?),
        };
        Ok(Server::new(
            db,
            Arc::new(SystemClock),
            Arc::new(SystemRandom),
            settings,
        ))
    }
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    database: Database,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(
        long,
        env = "ROMP_LISTEN",
        value_name = "ADDR",
        default_value = "127.0.0.1:8080"
    )]
    listen: SocketAddr,
    /// Lets anybody register, without an invitation
    #[arg(long, env = "ROMP_OPEN_REGISTRATION")]
    open_registration: bool,
    #[command(flatten)]
    mail: MailOptions,
    #[command(flatten)]
    front: Front,
}

#[derive(Args)]
struct MailOptions {
    /// Mail goes out through a mail server, `smtps://user:password@host`, or into a folder, `file:/path`, for trying
    /// things out. Without it nobody is asked to prove an address, and there is no way to a forgotten password
    // As with the database: the environment is the place for a password.
    #[arg(
        long = "mail",
        env = "ROMP_MAIL",
        value_name = "URL",
        hide_env_values = true,
        requires = "from"
    )]
    way: Option<String>,
    /// Whom mail comes from, such as `Romp <romp@example.org>`
    #[arg(
        long = "mail-from",
        id = "from",
        env = "ROMP_MAIL_FROM",
        value_name = "ADDRESS"
    )]
    from: Option<String>,
}

/// There may be a password in it.
impl fmt::Debug for MailOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailOptions")
    }
}

impl MailOptions {
    fn open(&self) -> Result<Option<Mail>, MailError> {
        match (&self.way, &self.from) {
            (Some(way), Some(from)) => Mail::through(way, from).map(Some),
            _ => Ok(None),
        }
    }
}

#[derive(Debug, Args)]
struct Invite {
    #[command(flatten)]
    database: Database,
    /// How long it works
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=365))]
    days: u32,
}

/// A database file that is not made.
#[derive(Debug, Args)]
struct Existing {
    /// The database file
    #[arg(long = "database", env = "ROMP_DATABASE", value_name = "PATH")]
    path: PathBuf,
}

#[derive(Debug, Args)]
struct Backup {
    #[command(flatten)]
    database: Existing,
    /// The new file
    #[arg(long, value_name = "PATH")]
    to: PathBuf,
}

#[derive(Debug, Args)]
struct Restore {
    #[command(flatten)]
    database: Existing,
    /// The copy; it is left as it is
    #[arg(long, value_name = "PATH")]
    from: PathBuf,
}

impl Cli {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Serve(command) => command.run(),
            Command::Invite(command) => command.run(),
            Command::Demo(command) => command.run(),
            Command::Backup(command) => command.run(),
            Command::Restore(command) => command.run(),
            Command::NewEpoch { database } => new_epoch(&database),
            Command::LetTakePart { database } => let_take_part(&database),
            Command::Address {
                database,
                verdict,
                email,
            } => judge_address(&database, verdict, &email),
            Command::Reports { database } => print_reports(&database),
            Command::Openapi => Ok(write!(io::stdout(), "{}", openapi::text()?)?),
            Command::Healthcheck { url, tls_cert } => healthcheck::healthcheck(&url, tls_cert.as_deref()),
        }
    }
}

impl Serve {
    fn run(self) -> Result<(), Failure> {
        let settings = Settings {
            open_registration: self.open_registration,
            mail: self.mail.open()?,
            trusted_proxies: self.front.trusted_proxies.clone(),
            unlimited: self.front.unlimited,
            hashing: Work::default(),
        };
        let server = self.database.opened(settings, SqliteDb::open)?;
        let door = self.front.door()?;
        tokio::runtime::Runtime::new()?.block_on(async {
            let signals = Arc::new(Signals::new()?);
            let listener = TcpListener::bind(self.listen).await?;
            let (scheme, address) = (self.front.scheme(), listener.local_addr()?);
            if let Some(tls) = door.tls.clone() {
                tokio::spawn(signals::renewals(tls)?);
            }
            say(&format!("listening on {scheme}://{address}"))?;
            let (delay, again) = (self.front.stop_delay(), Arc::clone(&signals));
            let stop = async move {
                signals.asked_to_stop().await;
                tracing::info!("stopping");
            };
            let grace = async move {
                // Asked twice, nobody wants to wait.
                drop(tokio::time::timeout(delay, again.asked_to_stop()).await);
            };
            Ok(serve(&server, listener, door, stop, grace).await?)
        })
    }
}

impl Invite {
    fn run(self) -> Result<(), Failure> {
        let server = self.database.server(Settings::default())?;
        Ok(say(accounts::invite(&server, self.days)?.expose())?)
    }
}

impl Backup {
    fn run(self) -> Result<(), Failure> {
        sqlite::backup(&self.database.path, &self.to)?;
        tracing::info!(copy = %self.to.display(), "the database is copied");
        Ok(())
    }
}

impl Restore {
    fn run(self) -> Result<(), Failure> {
        let kept = sqlite::restore(&self.database.path, &self.from, sync::epoch(&SystemRandom))?;
        let kept = kept.map_or_else(|| "there was none".to_owned(), |kept| kept.display().to_string());
        tracing::info!(database = %self.database.path.display(), before = kept, "the database is the copy now");
        Ok(())
    }
}

fn new_epoch(database: &Database) -> Result<(), Failure> {
    let epoch = sync::epoch(&SystemRandom);
    let server = database.server(Settings::default())?;
    server
        .db
        .write(move |tx| tx.set_epoch(epoch))
        .map_err(Problem::from)?;
    tracing::info!("devices will send again what this database lacks");
    Ok(())
}

fn judge_address(database: &Database, verdict: owners::Verdict, email: &str) -> Result<(), Failure> {
    let email = Email::new(email).map_err(|reason| Invalid::new("email", reason))?;
    let server = database.server(Settings::default())?;
    owners::judge_address(&server, email, verdict)?;
    tracing::info!(?verdict, "address judged");
    Ok(())
}

fn print_reports(database: &Database) -> Result<(), Failure> {
    let server = database.server(Settings::default())?;
    let all = reports::reports(&server)?;
    let mut out = io::stdout().lock();
    for report in &all {
        writeln!(out, "{report}\n")?;
    }
    Ok(writeln!(out, "{} in all", all.len())?)
}

fn let_take_part(database: &Database) -> Result<(), Failure> {
    let server = database.server(Settings::default())?;
    let families = accounts::let_unverified_take_part(&server)?;
    tracing::info!(families, "take part without a proved address");
    Ok(())
}

/// A line for the program that started this one.
fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
