//! Sync against a real `SQLite` file, by direct calls. Journeys with real devices are in `tests/`.

mod endurance;
mod hostile;
mod matching;
mod numbering;
mod privacy;
mod rig;
