//! Leaving nothing in the files of what was deleted for good.
//!
//! Three things keep it: the log, until it is written over; rows that were deleted, which `secure_delete` fills with
//! zeroes; and pages that were split at some time, whose unused middle holds copies of rows that moved to the next
//! page and that nothing ever overwrites. So after a household was deleted the log is emptied at once, and the file is
//! rewritten as soon as nobody wants to write, an hour after the last time at the soonest: that takes as long as copying
//! it.
//!
//! How often a household was deleted since the file was last rewritten is noted in the file itself (`user_version`),
//! in the deletion's own transaction: what a crash cut short is done by the next run.

use rusqlite::Connection;

/// Notes that a household is deleted in this transaction.
pub(super) fn note_erasure(c: &Connection) -> rusqlite::Result<()> {
    c.pragma_update(None, "user_version", erasures(c)?.saturating_add(1))
}

/// How often a household was deleted since the file was rewritten.
pub(super) fn erasures(c: &Connection) -> rusqlite::Result<i32> {
    c.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Writes the log into the file and cuts it off. `false` when somebody reads for too long; it is tried again later.
pub(super) fn empty_log(c: &Connection) -> bool {
    let busy = c.query_one("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    match busy {
        Ok(busy) => !busy,
        Err(error) => {
            tracing::warn!(%error, "the log cannot be emptied");
            false
        }
    }
}

/// Rewrites the whole file. `false` when that fails: then the next run does it, or the next try of this one.
///
/// It is noted as done once the log is in the file: before that, the old pages are still there.
pub(super) fn rewrite(c: &Connection) -> bool {
    // The copy is made in a file: it may be larger than the memory.
    let rewritten = c.execute_batch("PRAGMA temp_store = FILE; VACUUM;");
    if let Err(error) = c.pragma_update(None, "temp_store", "memory") {
        tracing::warn!(%error, "temporary data stays in files");
    }
    if let Err(error) = &rewritten {
        tracing::warn!(%error, "the file cannot be rewritten yet");
    } else if empty_log(c)
        && let Err(error) = c.pragma_update(None, "user_version", 0)
    {
        tracing::warn!(%error, "it is not noted that the file is rewritten");
    }
    rewritten.is_ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use romp_domain::{HouseholdId, Kind, UtcMs};
    use romp_sync::{Registers, Stamp};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::db::sqlite::SqliteDb;
    use crate::db::{Db, DbExt, Fault};

    /// A linear congruential generator (Knuth, MMIX): the same rows in every run.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, end: u64) -> u64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % end
        }
    }

    /// Families whose rows were written and changed in no order, so that pages were split in every way; the seventh's
    /// say CANARY.
    fn lived_in(db: &dyn Db) {
        db.write(move |tx| {
            let mut dice = Dice(5);
            for family in 1..=60 {
                tx.insert_household(HouseholdId(Uuid::from_u128(family)), UtcMs(1))?;
            }
            for _ in 0..6_000 {
                let family = u128::from(1 + dice.below(60));
                let length = 20 + dice.below(800) as usize;
                let text = if family == 7 { "CANARY-" } else { "another" };
                let fields = json!({"owner_notes": text.repeat(length / 7), "species": "dog"});
                let id = Uuid::from_u128((family << 64) | (u128::from(dice.below(150)) * 0x9E37_79B9));
                let nobody = Stamp(romp_domain::Hlc(1), romp_domain::DeviceId(Uuid::nil()));
                let fields = serde_json::from_value(fields).map_err(|e| Fault::Backend(e.to_string()))?;
                let row = Registers::of(&fields, nobody);
                tx.put_row(HouseholdId(Uuid::from_u128(family)), Kind::Pet, id, &row)?;
                tx.put_row(HouseholdId(Uuid::from_u128(family)), Kind::Slot, id, &row)?;
            }
            Ok(())
        })
        .unwrap();
    }

    fn canaries(folder: &Path) -> usize {
        let mut found = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            found += bytes.windows(7).filter(|window| window == b"CANARY-").count();
        }
        found
    }

    #[test]
    fn nothing_of_a_deleted_family_is_in_the_files_when_the_server_has_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("romp.db");
        let db = SqliteDb::open(&path).unwrap();
        lived_in(&db);
        let seventh = HouseholdId(Uuid::from_u128(7));
        db.write(move |tx| tx.erase_household(seventh, UtcMs(2))).unwrap();
        let log = std::fs::metadata(folder.path().join("romp.db-wal")).unwrap();
        assert_eq!(
            log.len(),
            0,
            "the log is empty before anybody is told that it is done"
        );
        assert!(
            canaries(folder.path()) > 0,
            "where pages were split, zeroes in the place of rows are not enough"
        );
        drop(db);
        assert_eq!(canaries(folder.path()), 0);
        let connection = Connection::open(&path).unwrap();
        assert_eq!(
            erasures(&connection).unwrap(),
            0,
            "and it is known that it was done"
        );
    }

    #[test]
    fn row_33_families_that_are_deleted_one_after_the_other_have_the_file_rewritten_once_and_leave_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("romp.db");
        let db = SqliteDb::open(&path).unwrap();
        lived_in(&db);
        let connection = Connection::open(&path).unwrap();
        let delete = |n: u128| {
            let family = HouseholdId(Uuid::from_u128(n));
            db.write(move |tx| tx.erase_household(family, UtcMs(2))).unwrap();
        };
        delete(8);
        let mut tries = 0;
        while erasures(&connection).unwrap() > 0 {
            tries += 1;
            assert!(tries < 600, "the first one has it rewritten in a quiet second");
            std::thread::sleep(Duration::from_millis(100));
        }
        delete(7);
        std::thread::sleep(Duration::from_millis(2_500));
        assert_eq!(erasures(&connection).unwrap(), 1, "not again so soon");
        drop((connection, db));
        assert_eq!(canaries(folder.path()), 0);
    }

    #[test]
    fn row_33_a_command_beside_a_server_leaves_rewriting_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("romp.db");
        let db = SqliteDb::open(&path).unwrap();
        lived_in(&db);
        let command = SqliteDb::open_beside(&path).unwrap();
        db.write(move |tx| tx.erase_household(HouseholdId(Uuid::from_u128(7)), UtcMs(2)))
            .unwrap();
        let connection = Connection::open(&path).unwrap();
        command.write(|tx| tx.epoch()).unwrap();
        drop(command);
        assert_eq!(erasures(&connection).unwrap(), 1);
        drop((connection, db));
        assert_eq!(canaries(folder.path()), 0);
    }

    #[test]
    fn what_a_crash_cut_short_is_done_by_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("romp.db");
        let db = SqliteDb::open(&path).unwrap();
        lived_in(&db);
        drop(db);
        // Deleted by a process that ended before it could do more.
        let connection = crate::db::sqlite::open::connect(&path).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        let seventh = HouseholdId(Uuid::from_u128(7));
        crate::db::sqlite::erased::erase_household(&connection, seventh, UtcMs(2)).unwrap();
        connection.execute_batch("COMMIT").unwrap();
        drop(connection);
        assert_eq!(erasures(&Connection::open(&path).unwrap()).unwrap(), 1);
        drop(SqliteDb::open(&path).unwrap());
        assert_eq!(canaries(folder.path()), 0);
        assert_eq!(erasures(&Connection::open(&path).unwrap()).unwrap(), 0);
    }
}
