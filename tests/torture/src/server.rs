//! The server's database on a disk that fails; the devices that exchange with it are on sound ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use romp_domain::{Entity, Kind, MatchId, PetId, Swipe, SwipeId, Verdict};
use romp_faulty_disk::{Disk, Survival};
use romp_server::server::Server;
use rusqlite::Row;
use uuid::Uuid;

use crate::family::Family;
use crate::home::{Device, Env, admit, open_server};
use crate::inspect::Look;
use crate::sweep::Patient;
use crate::work::{Edit, Held, Key, difference};

/// Families that exchange.
const FAMILIES: u128 = 3;

/// What an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    /// The exchange of one family's device.
    Exchange { family: usize },
    /// An ordinary end and start.
    Reopen,
    /// A start after the server has died with its log full.
    Recover,
}

const fn operation(n: usize) -> Operation {
    match n {
        0 => Operation::Reopen,
        _ if n % 60 == 19 => Operation::Reopen,
        _ if n % 60 == 9 => Operation::Recover,
        _ => Operation::Exchange {
            family: n % FAMILIES as usize,
        },
    }
}

/// A server, and the families that it knows.
pub struct ServerPatient {
    server: Option<Arc<Server>>,
    devices: Vec<Device>,
    /// How many mutations of each device the server has acknowledged.
    acknowledged: Vec<usize>,
    held: Vec<Held>,
    /// The last operation whose edit is made.
    edited: usize,
    env: Arc<Env>,
    disk: Disk,
}

impl ServerPatient {
    /// A server that was never started.
    pub fn new() -> Self {
        let env = Env::start();
        let mut devices: Vec<_> = (1..=FAMILIES)
            .map(|number| Device::new(number, env.clone()))
            .collect();
        for device in &mut devices {
            device.settle().expect("a sound disk");
        }
        Self {
            server: None,
            acknowledged: vec![0; devices.len()],
            held: devices.iter().map(|_| Held::default()).collect(),
            devices,
            edited: 0,
            env,
            disk: Disk::new(),
        }
    }

    /// The disk that fails.
    pub fn disk(&self) -> Disk {
        self.disk.clone()
    }

    fn path(&self) -> PathBuf {
        self.disk.path("server.db")
    }

    fn inspect(&mut self) -> Result<(), String> {
        let look = Look::into_sound(&self.path())?;
        for (n, device) in self.devices.iter().enumerate() {
            holds(&look, device, self.acknowledged[n], &mut self.held[n])?;
        }
        consequences(&look)
    }
}

/// Whether the server holds what it acknowledged to a device, and exactly what follows from the mutations it counts.
pub fn holds(look: &Look, device: &Device, acknowledged: usize, held: &mut Held) -> Result<(), String> {
    let family = &device.family;
    let sql = format!(
        "SELECT last_mid FROM devices WHERE id = {}",
        blob(family.device.0)
    );
    let last = look
        .all(&sql, |row| row.get::<_, i64>(0))?
        .first()
        .map_or(0, |last| *last as usize);
    if last < acknowledged {
        return Err(format!(
            "{acknowledged} mutations were acknowledged, {last} are there"
        ));
    }
    held.advance(&device.rows, last)?;
    difference(&held.rows, &rows_of(look, family)?).map_or(Ok(()), Err)
}

/// The tables of what families write, but for swipes.
const TABLES: [(Kind, &str); 7] = [
    (Kind::Child, "children"),
    (Kind::Household, "household_settings"),
    (Kind::Slot, "slots"),
    (Kind::Pet, "pets"),
    (Kind::Exception, "exceptions"),
    (Kind::Switch, "switches"),
    (Kind::Block, "blocks"),
];

/// The rows that a family wrote.
fn rows_of(look: &Look, family: &Family) -> Result<BTreeMap<Key, String>, String> {
    let household = blob(family.household.0);
    let mut rows = BTreeMap::new();
    for (kind, table) in TABLES {
        let sql = format!("SELECT id, data FROM {table} WHERE household_id = {household} AND deleted = 0");
        rows.extend(look.all(&sql, |row| {
            Ok((
                (kind.word().to_owned(), Uuid::from_bytes(row.get(0)?)),
                row.get(1)?,
            ))
        })?);
    }
    let sql = format!(
        "SELECT actor_pet, target_pet, verdict, released FROM interactions WHERE household_id = {household}"
    );
    for swipe in look.all(&sql, swipe)? {
        let id = SwipeId::of(swipe.actor_pet, swipe.target_pet).0;
        let text = serde_json::to_string(&swipe.to_fields()).map_err(|error| error.to_string())?;
        rows.insert((Kind::Swipe.word().to_owned(), id), text);
    }
    Ok(rows)
}

fn has_notes(look: &Look, kind: Kind, table: &str) -> Result<(), String> {
    let sql = format!(
        "SELECT id FROM {table} AS own WHERE NOT EXISTS (SELECT 1 FROM feed WHERE feed.id = own.id
         AND feed.household_id = own.household_id AND feed.kind = '{}')",
        kind.word()
    );
    none(look, &sql, "rows without a note in the feed")
}

fn swipe(row: &Row<'_>) -> rusqlite::Result<Swipe> {
    let verdict = |word: Option<String>| word.and_then(|word| Verdict::from_word(&word));
    Ok(Swipe {
        actor_pet: PetId(Uuid::from_bytes(row.get(0)?)),
        target_pet: PetId(Uuid::from_bytes(row.get(1)?)),
        verdict: verdict(row.get(2)?),
        by_child: None,
        released: verdict(row.get(3)?),
    })
}

/// Whether everything that follows from the rows is there as well: it is stored in the same transaction.
pub fn consequences(look: &Look) -> Result<(), String> {
    for (kind, table) in TABLES {
        has_notes(look, kind, table)?;
    }
    none(
        look,
        "SELECT id FROM interactions own WHERE NOT EXISTS (SELECT 1 FROM swipe_notes notes
         WHERE notes.household_id = own.household_id AND notes.seq = own.seq AND instr(notes.ids, own.id) > 0)",
        "swipes that are in no list of the feed",
    )?;
    none(
        look,
        "SELECT feed.id FROM feed JOIN households ON households.id = feed.household_id
         WHERE feed.seq > households.head_seq
         UNION ALL SELECT own.id FROM interactions own JOIN households ON households.id = own.household_id
         WHERE own.seq > households.head_seq",
        "notes of commits that are not counted",
    )?;
    let matches = look.all("SELECT id FROM matches", |row| row.get::<_, [u8; 16]>(0))?;
    // Where a family has changed its terms, a match comes with the deck that is dealt for them: in the same exchange, but
    // after the changes are stored.
    let mutual = look.all(
        "SELECT one.actor_pet, one.target_pet, one.verdict, one.released,
         EXISTS (SELECT 1 FROM decks WHERE asks AND pet_id IN (one.actor_pet, one.target_pet))
         FROM interactions one
         JOIN interactions other ON one.actor_pet = other.target_pet AND one.target_pet = other.actor_pet
         WHERE one.actor_pet < other.actor_pet AND one.verdict = 'yes' AND one.released = 'yes'
         AND other.verdict = 'yes' AND other.released = 'yes'",
        |row| {
            let id = MatchId::of(swipe(row)?.actor_pet, swipe(row)?.target_pet);
            Ok((id.0.into_bytes(), row.get::<_, bool>(4)?))
        },
    )?;
    let is_mutual = |id: &[u8; 16]| mutual.iter().any(|(there, _)| there == id);
    let has_match = |(id, is_to_come): &([u8; 16], bool)| *is_to_come || matches.contains(id);
    if !matches.iter().all(is_mutual) || !mutual.iter().all(has_match) {
        return Err(format!(
            "{} mutual yeses and {} matches",
            mutual.len(),
            matches.len()
        ));
    }
    none(
        look,
        "SELECT id FROM matches WHERE (SELECT count(*) FROM playdates WHERE match_id = matches.id) = 0",
        "matches without a proposal",
    )
}

fn none(look: &Look, sql: &str, what: &str) -> Result<(), String> {
    let found = look.all(sql, |row| row.get::<_, [u8; 16]>(0))?;
    match found.first() {
        None => Ok(()),
        Some(first) => Err(format!(
            "{} {what}, such as {}",
            found.len(),
            Uuid::from_bytes(*first)
        )),
    }
}

fn blob(id: Uuid) -> String {
    format!("x'{}'", id.simple())
}

impl Default for ServerPatient {
    fn default() -> Self {
        Self::new()
    }
}

impl Patient for ServerPatient {
    fn prepare(&mut self, n: usize) {
        self.env.is_at(n);
        if n == 1 {
            let server = self.server.as_ref().expect("it was started");
            for device in &self.devices {
                // Asked again after a fault, it is there already.
                let _ = admit(server, &device.family);
            }
        }
        match operation(n) {
            Operation::Recover => {
                self.disk.cut_power();
                self.end();
                self.disk.restart(Survival::Everything);
            }
            // Asked again after a fault, it has its edit already.
            Operation::Exchange { .. } if self.edited == n => {}
            Operation::Exchange { family } => {
                self.edited = n;
                let mut others: Vec<_> = self.devices.iter().map(|device| device.family.clone()).collect();
                others.remove(family);
                let device = &mut self.devices[family];
                let edit = Edit::nth(n, &device.family, &device.rows, &others);
                if edit.store(device.store()).expect("a sound disk") {
                    device.rows.note(&edit);
                }
            }
            Operation::Reopen => {}
        }
    }

    fn operate(&mut self, n: usize) -> Result<(), String> {
        match operation(n) {
            Operation::Exchange { family } => {
                let server = self.server.as_ref().expect("it runs");
                let device = &self.devices[family];
                device.exchange(server).map_err(|problem| problem.to_string())?;
                self.acknowledged[family] = device.rows.mutations.len();
                Ok(())
            }
            Operation::Reopen => {
                self.end();
                self.start()
            }
            Operation::Recover => self.start(),
        }
    }

    fn end(&mut self) {
        self.server = None;
    }

    fn start(&mut self) -> Result<(), String> {
        if self.server.is_none() {
            self.server = Some(open_server(&self.path(), &self.env).map_err(|error| error.to_string())?);
        }
        Ok(())
    }

    fn check(&mut self, _: usize, acknowledged: bool) -> Result<bool, String> {
        self.inspect()?;
        Ok(acknowledged)
    }

    fn finish(&mut self) -> Result<(), String> {
        let server = self.server.as_ref().expect("it runs");
        for device in &self.devices {
            device.exchange(server).map_err(|problem| problem.to_string())?;
        }
        let mut met = 0;
        for device in &self.devices {
            device.exchange(server).map_err(|problem| problem.to_string())?;
            let look = Look::into_sound(&device.path())?;
            let refused = look.all("SELECT problem FROM outbox WHERE state <> 'acked'", |row| {
                row.get::<_, Option<String>>(0)
            })?;
            if !refused.is_empty() {
                return Err(format!("not taken: {refused:?}"));
            }
            difference(&device.rows.rows, &device.shown(&look)?).map_or(Ok(()), Err)?;
            met += same_matches(&look, &self.path(), &device.family)?;
        }
        if met == 0 {
            return Err("nobody has met anybody: the workload is too small".to_owned());
        }
        self.inspect()
    }
}

/// Whether a device has heard of all its family's matches and playdates; how many these are.
fn same_matches(device: &Look, server: &Path, family: &Family) -> Result<usize, String> {
    let server = Look::into_sound(server)?;
    let mut count = 0;
    let household = blob(family.household.0);
    for (kind, table) in [(Kind::Match, "matches"), (Kind::Playdate, "playdates")] {
        let there = format!(
            "SELECT id FROM {table} WHERE {household} IN (household_one, household_other) ORDER BY id"
        );
        let here = format!(
            "SELECT id FROM row WHERE kind = '{}' AND shown IS NOT NULL ORDER BY id",
            kind.word()
        );
        let there = server.all(&there, |row| row.get::<_, [u8; 16]>(0))?;
        let here = device.all(&here, |row| row.get::<_, [u8; 16]>(0))?;
        if here != there {
            return Err(format!(
                "{} {table} at the server, {} on the device",
                there.len(),
                here.len()
            ));
        }
        count += here.len();
    }
    Ok(count)
}
