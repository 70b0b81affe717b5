//! What every backend must do, as tests that are run against each of them. One file per part of the trait.
//!
//! Each test gets an empty database of its own from `open`.

mod accounts;
mod across;
mod devices;
mod erased;
mod feed;
mod jobs;
mod log;
mod own_rows;
mod owners;
mod server_rows;
mod sessions;
mod swipes;

use romp_domain::{DeviceId, Fields, Hlc, HouseholdId, Kind, PetId, UtcMs};
use romp_sync::{Registers, Stamp};
use serde_json::Value;
use uuid::Uuid;

use super::{Answer, Db, DbExt, Fault, Job};

/// Runs everything against databases made by `open`.
pub(in crate::db) fn run(open: impl Fn() -> Box<dyn Db>) {
    for test in [
        accounts::all,
        across::all,
        devices::all,
        erased::all,
        feed::all,
        jobs::all,
        log::all,
        own_rows::all,
        owners::all,
        server_rows::all,
        sessions::all,
        swipes::all,
    ] {
        test(&open);
    }
}

/// The way to a new, empty database.
type Open<'a> = &'a dyn Fn() -> Box<dyn Db>;

/// A database together with the folder it is in.
pub(crate) struct Kept<D> {
    pub(crate) db: D,
    #[expect(
        dead_code,
        reason = "kept so that it is not removed while the database is open"
    )]
    pub(crate) folder: tempfile::TempDir,
}

impl<D: Db> Db for Kept<D> {
    fn run_write(&self, job: Job) -> Result<Answer, Fault> {
        self.db.run_write(job)
    }

    fn run_read(&self, job: Job) -> Result<Answer, Fault> {
        self.db.run_read(job)
    }
}

fn house(n: u128) -> HouseholdId {
    HouseholdId(Uuid::from_u128(n))
}

fn pet(n: u128) -> PetId {
    PetId(Uuid::from_u128(n))
}

fn device_id(n: u128) -> DeviceId {
    DeviceId(Uuid::from_u128(n))
}

/// A database with the households 1 to `count`.
fn with_households(open: Open<'_>, count: u128) -> Box<dyn Db> {
    let db = open();
    db.write(move |tx| (1..=count).try_for_each(|n| tx.insert_household(house(n), UtcMs(5))))
        .unwrap();
    db
}

/// A row whose fields were all set at `clock` by device 1.
fn registers(fields: Value, clock: u64) -> Registers {
    let fields: Fields = serde_json::from_value(fields).unwrap();
    Registers::of(&fields, Stamp(Hlc(clock), device_id(1)))
}

/// Stores a row.
fn put(db: &dyn Db, household: HouseholdId, kind: Kind, id: Uuid, fields: Value) {
    let row = registers(fields, 1);
    db.write(move |tx| tx.put_row(household, kind, id, &row)).unwrap();
}
