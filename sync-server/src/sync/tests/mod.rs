//! Sync against a real `SQLite` file, by direct calls. Journeys with real devices are in `tests/`.

mod hostile;
mod matching;
mod numbering;
mod rig;
