//! The tables and their steps: which have been taken, which are missing, and bringing a file up to date.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::open_error::{OpenError, explained};

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::pedantic,
    reason = "generated code"
)]
mod embedded {
    refinery::embed_migrations!("src/db/sqlite/migrations");
}

/// Brings the tables up to date, all steps in one transaction.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let runner = embedded::migrations::runner();
    let known = runner
        .get_migrations()
        .iter()
        .map(|step| i64::from(step.version()))
        .max()
        .unwrap_or(0);
    let found = applied(connection).map_err(|error| explained(path, error))?;
    if found > known {
        return Err(OpenError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    if let Some(step) = amiss(connection, &runner).map_err(|error| explained(path, error))? {
        return Err(OpenError::Between {
            path: path.to_owned(),
            step,
        });
    }
    if found < known {
        runner.set_grouped(true).run(connection)?;
    }
    Ok(())
}

/// The first step that should have been taken on the way to where the tables are, and was not, or was another one.
fn amiss(connection: &Connection, runner: &refinery::Runner) -> rusqlite::Result<Option<i64>> {
    let found = applied(connection)?;
    if found == 0 {
        return Ok(None);
    }
    let mut checksum =
        connection.prepare("SELECT checksum FROM refinery_schema_history WHERE version = ?1")?;
    let mut steps: Vec<_> = runner
        .get_migrations()
        .iter()
        .filter(|step| i64::from(step.version()) <= found)
        .collect();
    steps.sort();
    for step in steps {
        let version = i64::from(step.version());
        let taken: Option<String> = checksum.query_row([version], |row| row.get(0)).optional()?;
        if taken != Some(step.checksum().to_string()) {
            return Ok(Some(version));
        }
    }
    Ok(None)
}

/// The version of the tables; 0 for a new file.
fn applied(connection: &Connection) -> rusqlite::Result<i64> {
    if !connection.table_exists(None, "refinery_schema_history")? {
        return Ok(0);
    }
    connection.query_one(
        "SELECT coalesce(max(version), 0) FROM refinery_schema_history",
        [],
        |row| row.get(0),
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use romp_domain::HouseholdId;
    use uuid::Uuid;

    use super::*;
    use crate::db::DbExt;
    use crate::db::sqlite::SqliteDb;
    use crate::db::sqlite::open::{connect, create_private};

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_newer_database_is_refused_and_left_alone() {
        let folder = folder();
        let path = folder.path().join("romp.db");
        drop(SqliteDb::open(&path).unwrap());
        let newer = "INSERT INTO refinery_schema_history VALUES (99, 'later', '2030-01-01T00:00:00Z', '0')";
        Connection::open(&path).unwrap().execute_batch(newer).unwrap();
        let before = fs::read(&path).unwrap();
        let error = SqliteDb::open(&path).unwrap_err();
        assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");
        assert!(error.to_string().contains("newer romp-server"));
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn the_tables_of_every_step_are_brought_up_to_date() {
        let mut steps: Vec<_> = embedded::migrations::runner()
            .get_migrations()
            .iter()
            .map(refinery::Migration::version)
            .collect();
        steps.sort_unstable();
        assert!(steps.len() > 1);
        for step in steps {
            let folder = folder();
            let path = folder.path().join("romp.db");
            create_private(&path).unwrap();
            let mut connection = connect(&path).unwrap();
            let older = embedded::migrations::runner().set_target(refinery::Target::Version(step));
            older.set_grouped(true).run(&mut connection).unwrap();
            assert_eq!(applied(&connection).unwrap(), i64::from(step));
            drop(connection);
            drop(SqliteDb::open(&path).unwrap_or_else(|error| panic!("from {step}: {error}")));
        }
    }

    #[test]
    fn notes_of_swipes_that_an_earlier_version_stored_are_listed_in_their_order() {
        let folder = folder();
        let path = folder.path().join("romp.db");
        create_private(&path).unwrap();
        let mut connection = connect(&path).unwrap();
        let older = embedded::migrations::runner().set_target(refinery::Target::Version(50));
        older.set_grouped(true).run(&mut connection).unwrap();
        let id = |n: u128| Uuid::from_u128(n).into_bytes();
        for (n, seq, deleted) in [
            (4, Some(1), None),
            (3, Some(2), Some(1)),
            (2, Some(2), None),
            (1, None, None),
        ] {
            let sql = "INSERT INTO interactions (household_id, id, seq, deleted, stamps) VALUES (?1, ?2, ?3, ?4, x'')";
            let values = rusqlite::params![id(7), id(n), seq, deleted];
            connection.execute(sql, values).unwrap();
        }
        drop(connection);
        let db = SqliteDb::open(&path).unwrap();
        let notes = db
            .read(|tx| tx.feed(HouseholdId(Uuid::from_u128(7)), 0, 0, 9))
            .unwrap();
        let told: Vec<_> = notes
            .iter()
            .map(|note| (note.seq, note.id.as_u128(), note.gone))
            .collect();
        assert_eq!(told, [(1, 4, false), (2, 2, false), (2, 3, true)]);
    }

    #[test]
    fn the_tables_of_a_version_between_releases_are_refused_with_what_to_do_and_left_alone() {
        for (change, step) in [
            ("DELETE FROM refinery_schema_history WHERE version = 10", 10),
            (
                "UPDATE refinery_schema_history SET checksum = '1' WHERE version = 20",
                20,
            ),
            // Newer tables than the missing step's are none of the newest.
            (
                "DELETE FROM refinery_schema_history WHERE version IN (10, 22, 30, 40)",
                10,
            ),
        ] {
            let folder = folder();
            let path = folder.path().join("romp.db");
            drop(SqliteDb::open(&path).unwrap());
            Connection::open(&path).unwrap().execute_batch(change).unwrap();
            let before = fs::read(&path).unwrap();
            let error = SqliteDb::open(&path).unwrap_err();
            assert!(
                matches!(error, OpenError::Between { step: found, .. } if found == step),
                "{error}"
            );
            assert!(error.to_string().contains("Please start with a new file"));
            assert_eq!(fs::read(&path).unwrap(), before);
        }
    }
}
