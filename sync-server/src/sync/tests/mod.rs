//! Sync against a real database, by direct calls: once on `SQLite`, and once more, as `tests_on_postgresql`, on
//! PostgreSQL. Journeys with real devices are in `tests/`.

mod blocked;
mod caps;
mod caution;
mod comparing;
mod counting;
mod dealing;
mod endurance;
mod erasing;
mod extremes;
mod habits;
mod history;
mod hostile;
mod matching;
mod narrowing;
mod newer;
mod numbering;
mod parted;
mod pretending;
mod privacy;
mod reported;
mod retelling;
pub(super) mod rig;
mod rights;
mod searching;
mod standing;
mod switched_off;
pub(super) mod switches;
mod taken_back;
mod untold;
mod unverified;
mod waited;
