//! The other server processes on the same database: tells them what this one's listeners are told, and the other way
//! round.
//!
//! Terms: a **note** says that a household has a new commit, or that a session of it has ended; notes go out by
//! `NOTIFY` and come in by `LISTEN`, on one connection that does nothing else.
//!
//! A note is sent after its commit, never by the transaction itself: a transaction that notifies takes a lock of the
//! whole cluster while it commits. Notes of a few milliseconds go out as one. They may get lost, with the connection
//! or with a process; so every few seconds the heads of the households that somebody listens for are looked up.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use deadpool_postgres::{Object, Pool};
use futures_util::{StreamExt, stream};
use romp_domain::HouseholdId;
use tokio::sync::mpsc::{self, Receiver, UnboundedReceiver};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Config, Notification, Row};
use tokio_postgres_rustls::MakeRustlsConnect;
use uuid::Uuid;

use super::patience::{Unanswered, within};
use super::tables;
use crate::pokes::{Note, Pokes};

/// What notes are sent under.
const CHANNEL: &str = "romp";

/// What the connection is called in the database's own lists.
pub(crate) const NAME: &str = "romp-server notes";

/// PostgreSQL takes less than 8,000 bytes in one notification.
const MOST_BYTES: usize = 7_900;

/// Notes that wait while there is no connection. What is more is lost, and found by looking.
const MOST_WAITING: usize = 4_096;

/// Households that are looked up in one question.
const MOST_ASKED: usize = 5_000;

/// How fast everything goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tempo {
    /// For how long notes are gathered: a swipe and what follows from it are one note, and nobody sees the difference.
    pub(crate) gather: Duration,
    /// Between two looks at the heads.
    pub(crate) look: Duration,
    /// Before a lost connection is sought again, at first …
    pub(crate) shortest_pause: Duration,
    /// … and at most.
    pub(crate) longest_pause: Duration,
}

impl Default for Tempo {
    fn default() -> Self {
        Self {
            gather: Duration::from_millis(15),
            look: Duration::from_secs(5),
            shortest_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(15),
        }
    }
}

/// How the bus gets its own connection.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) config: Config,
    pub(super) connector: MakeRustlsConnect,
}

/// The ways to the database: that of the notes and that of jobs; and how long its answers are waited for.
#[derive(Clone)]
struct Database {
    way: Way,
    pool: Pool,
    silence: Duration,
}

impl Database {
    /// Asks over a connection of jobs. One that does not answer is given up, not given back.
    async fn ask(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, String> {
        let client = self.pool.get().await.map_err(|_| "no connection".to_owned())?;
        let answer = within(self.silence, async {
            client.query(&client.prepare_cached(sql).await?, values).await
        });
        answer.await.map_err(|error| {
            if matches!(error, Unanswered::Silent) {
                drop(Object::take(client));
                self.pool.retain(|_, _| false);
            }
            error.to_string()
        })
    }
}

/// Connects these listeners to those of the other processes. Ends when they are gone.
pub(super) fn start(
    runtime: &tokio::runtime::Runtime,
    way: Way,
    pool: Pool,
    pokes: &Arc<Pokes>,
    tempo: Tempo,
    outgrown: &Outgrown,
    silence: Duration,
) {
    let (notes, outgoing) = mpsc::channel(MOST_WAITING);
    pokes.pass_on_to(notes);
    let database = Database { way, pool, silence };
    runtime.spawn(exchange(database.clone(), outgoing, Arc::downgrade(pokes), tempo));
    runtime.spawn(look_now_and_then(
        database,
        Arc::downgrade(pokes),
        tempo,
        Arc::clone(outgrown),
    ));
}

/// Whether a newer server has changed the tables. This one would go on by rules that are no longer all: it would deal cards
/// of families that are kept apart by a rule that it has never heard of.
pub(super) type Outgrown = Arc<AtomicBool>;

/// Looks whether the tables are still those that this program knows.
async fn are_newer(database: &Database) -> Result<bool, String> {
    let version = database.ask(tables::VERSION, &[]).await?;
    Ok(version
        .first()
        .is_some_and(|row| row.get::<_, i64>(0) > tables::known()))
}

/// Keeps a connection and talks over it, as long as there is somebody to talk for.
async fn exchange(database: Database, mut outgoing: Receiver<Note>, pokes: Weak<Pokes>, tempo: Tempo) {
    let mut pause = tempo.shortest_pause;
    while pokes.strong_count() > 0 {
        let ended = match listen(&database).await {
            Ok(mut line) => {
                pause = tempo.shortest_pause;
                tracing::debug!("listening to the other servers");
                converse(&mut line, &mut outgoing, &pokes, tempo, database.silence).await
            }
            Err(error) => Err(error),
        };
        match ended {
            Ok(()) => return,
            Err(error) => tracing::warn!(error, "no word from the other servers; connecting again"),
        }
        sleep(jittered(pause)).await;
        pause = (pause * 2).min(tempo.longest_pause);
    }
}

/// A connection that hears notes.
struct Line {
    client: Client,
    incoming: UnboundedReceiver<Notification>,
    /// How notifications name this connection as their sender.
    own: i32,
}

async fn listen(database: &Database) -> Result<Line, String> {
    let (way, silence) = (&database.way, database.silence);
    let mut config = way.config.clone();
    let connecting = config.application_name(NAME).connect(way.connector.clone());
    let connected = within(silence, connecting).await;
    let (client, mut connection) = connected.map_err(|error| error.to_string())?;
    let (heard, incoming) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
        while let Some(Ok(message)) = messages.next().await {
            if let AsyncMessage::Notification(notification) = message
                && heard.send(notification).is_err()
            {
                return;
            }
        }
    });
    let ready = async {
        client.batch_execute(&["LISTEN ", CHANNEL].concat()).await?;
        Ok(client.query_one("SELECT pg_backend_pid()", &[]).await?.get(0))
    };
    let own = within(silence, ready).await.map_err(|error| error.to_string())?;
    Ok(Line {
        client,
        incoming,
        own,
    })
}

/// Sends and hears notes. `Ok` when there is nobody left to talk for, an error when the connection is lost.
async fn converse(
    line: &mut Line,
    outgoing: &mut Receiver<Note>,
    pokes: &Weak<Pokes>,
    tempo: Tempo,
    silence: Duration,
) -> Result<(), String> {
    let mut gathered = Gathered::default();
    let mut due = None;
    loop {
        tokio::select! {
            note = outgoing.recv() => match note {
                Some(note) => {
                    gathered.add(note);
                    due = due.or_else(|| Some(Instant::now() + tempo.gather));
                }
                None => return Ok(()),
            },
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                due = None;
                for payload in std::mem::take(&mut gathered).payloads() {
                    let values: [&(dyn ToSql + Sync); 2] = [&CHANNEL, &payload];
                    let sent = line.client.execute("SELECT pg_notify($1, $2)", &values);
                    within(silence, sent).await.map_err(|error| error.to_string())?;
                }
            }
            heard = line.incoming.recv() => {
                let heard = heard.ok_or("the connection was closed")?;
                let Some(pokes) = pokes.upgrade() else { return Ok(()) };
                if heard.process_id() != line.own {
                    read(heard.payload()).for_each(|note| pokes.hear(note));
                }
            }
        }
    }
}

/// Looks up the heads of the households that somebody listens for, over the connections that jobs use.
async fn look_now_and_then(database: Database, pokes: Weak<Pokes>, tempo: Tempo, outgrown: Outgrown) {
    loop {
        sleep(tempo.look).await;
        let Some(pokes) = pokes.upgrade() else { return };
        match are_newer(&database).await {
            Ok(true) if !outgrown.swap(true, Ordering::SeqCst) => tracing::error!(
                "a newer romp-server has changed the database; this one answers nothing until it is updated, too"
            ),
            Ok(_) => {}
            Err(error) => tracing::warn!(error, "the version of the tables could not be looked up"),
        }
        for households in pokes.listened_for().chunks(MOST_ASKED) {
            match heads(&database, households).await {
                Ok(heads) => heads.into_iter().for_each(|note| pokes.hear(note)),
                Err(error) => tracing::warn!(error, "the heads could not be looked up"),
            }
        }
    }
}

async fn heads(database: &Database, households: &[HouseholdId]) -> Result<Vec<Note>, String> {
    let ids: Vec<Uuid> = households.iter().map(|household| household.0).collect();
    let sql = "SELECT id, head_seq FROM households WHERE id = ANY($1)";
    let rows = database.ask(sql, &[&ids]).await?;
    Ok(rows
        .iter()
        .map(|row| Note::Committed(HouseholdId(row.get(0)), row.get::<_, i64>(1) as u64))
        .collect())
}

/// Between a half and the whole of a pause, so that the servers do not all come back in one moment.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + 0.5 * f64::from(getrandom::u32().unwrap_or_default()) / f64::from(u32::MAX))
}

/// Notes that go out together: the newest commit of each household, and whether a session ended.
#[derive(Debug, Default)]
struct Gathered(BTreeMap<HouseholdId, (Option<u64>, bool)>);

impl Gathered {
    fn add(&mut self, note: Note) {
        match note {
            Note::Committed(household, head) => {
                let (known, _) = self.0.entry(household).or_default();
                *known = (*known).max(Some(head));
            }
            Note::SessionEnded(household) => self.0.entry(household).or_default().1 = true,
        }
    }

    /// As text: `id:head` for a commit, `id!` for a session, with spaces between, in as few pieces as fit.
    fn payloads(self) -> Vec<String> {
        let mut payloads = Vec::new();
        let mut open = String::new();
        for (household, (head, ended)) in self.0 {
            let id = household.0.simple();
            let committed = head.map(|head| format!("{id}:{head}"));
            for word in committed.into_iter().chain(ended.then(|| format!("{id}!"))) {
                if open.len() + 1 + word.len() > MOST_BYTES {
                    payloads.push(std::mem::take(&mut open));
                }
                if !open.is_empty() {
                    open.push(' ');
                }
                open.push_str(&word);
            }
        }
        payloads.push(open);
        payloads.retain(|payload| !payload.is_empty());
        payloads
    }
}

/// The notes in a payload. Words that this build does not know are passed over: a newer server may be among the others.
fn read(payload: &str) -> impl Iterator<Item = Note> {
    payload.split(' ').filter_map(|word| {
        let id = |text: &str| Uuid::try_parse(text).ok().map(HouseholdId);
        if let Some(household) = word.strip_suffix('!') {
            return id(household).map(Note::SessionEnded);
        }
        let (household, head) = word.split_once(':')?;
        Some(Note::Committed(id(household)?, head.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(n: u128) -> HouseholdId {
        HouseholdId(Uuid::from_u128(n))
    }

    #[test]
    fn notes_of_a_moment_go_out_together_and_only_the_newest_of_a_household() {
        let mut gathered = Gathered::default();
        for note in [
            Note::Committed(house(1), 5),
            Note::Committed(house(2), 1),
            Note::Committed(house(1), 7),
        ] {
            gathered.add(note);
        }
        gathered.add(Note::Committed(house(1), 6));
        gathered.add(Note::SessionEnded(house(2)));
        let payloads = gathered.payloads();
        assert_eq!(payloads.len(), 1);
        let notes: Vec<_> = read(&payloads[0]).collect();
        let expected = [
            Note::Committed(house(1), 7),
            Note::Committed(house(2), 1),
            Note::SessionEnded(house(2)),
        ];
        assert_eq!(notes, expected);
    }

    #[test]
    fn more_than_a_notification_holds_is_split_and_nothing_lost() {
        let mut gathered = Gathered::default();
        let all: Vec<_> = (0..1_000).map(|n| Note::Committed(house(n), u64::MAX)).collect();
        for note in &all {
            gathered.add(*note);
        }
        let payloads = gathered.payloads();
        assert!(payloads.len() > 1 && payloads.iter().all(|payload| payload.len() < 8_000));
        let back: Vec<_> = payloads.iter().flat_map(|payload| read(payload)).collect();
        assert_eq!(back, all);
    }

    #[test]
    fn words_of_a_newer_server_are_passed_over() {
        let text = format!(
            "? {}~9 {}:x nonsense! {}:4",
            house(1).0.simple(),
            house(1).0.simple(),
            house(3).0.simple()
        );
        assert_eq!(read(&text).collect::<Vec<_>>(), [Note::Committed(house(3), 4)]);
    }

    #[test]
    fn nothing_gathered_is_nothing_sent() {
        assert!(Gathered::default().payloads().is_empty());
    }
}
