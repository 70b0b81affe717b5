//! Sync against a real `SQLite` file, by direct calls. Journeys with real devices are in `tests/`.

mod caution;
mod endurance;
mod erasing;
mod history;
mod hostile;
mod matching;
mod numbering;
mod privacy;
mod rig;
