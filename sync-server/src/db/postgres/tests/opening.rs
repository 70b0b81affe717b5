//! What is opened, what is refused, and in which words.

use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use romp_domain::{HouseholdId, UtcMs};
use romp_postgres_cluster::{Cluster, Database, cluster};
use uuid::Uuid;

use super::{PgDb, fresh};
use crate::db::postgres::OpenError;
use crate::db::{Db, DbExt};
use crate::pokes::Pokes;

fn tables(database: &Database<'_>) -> String {
    database.sql(
        "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'",
    )
}

fn empty(test: &str) -> Option<(&'static Cluster, Database<'static>)> {
    let cluster = cluster(test)?;
    Some((cluster, cluster.empty()))
}

#[test]
fn several_processes_that_start_on_an_empty_database_make_its_tables_once() {
    let Some((_, database)) = empty("starting together") else {
        return;
    };
    let url = database.url();
    let together = Barrier::new(6);
    std::thread::scope(|scope| {
        let starting: Vec<_> = (1..=6)
            .map(|n| {
                let together = &together;
                scope.spawn(move || {
                    together.wait();
                    let db = PgDb::open(url).unwrap();
                    let household = HouseholdId(Uuid::from_u128(n));
                    db.write(move |tx| tx.insert_household(household, UtcMs(1)))
                        .unwrap();
                })
            })
            .collect();
        for thread in starting {
            thread.join().unwrap();
        }
    });
    assert_eq!(database.sql("SELECT count(*) FROM households"), "7", "and nobody");
    let steps = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/db/postgres/migrations"));
    assert_eq!(
        database.sql("SELECT count(*) FROM refinery_schema_history"),
        steps.unwrap().count().to_string()
    );
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let Some((_, database)) = empty("a newer database") else {
        return;
    };
    drop(PgDb::open(database.url()).unwrap());
    let before = tables(&database);
    database.sql("INSERT INTO refinery_schema_history VALUES (99, 'later', '2030-01-01T00:00:00Z', '0')");
    let error = PgDb::open(database.url()).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");
    assert!(error.to_string().contains("newer romp-server"), "{error}");
    assert_eq!(tables(&database), before);
}

#[test]
fn row_59_a_server_stops_answering_once_a_newer_one_has_changed_its_tables() {
    let Some(mut db) = fresh("a server beside a newer one").and_then(Arc::into_inner) else {
        return;
    };
    db.tempo.look = Duration::from_millis(50);
    let pokes = Arc::new(Pokes::default());
    db.join(&pokes);
    let household = HouseholdId(Uuid::from_u128(1));
    db.read(move |tx| tx.household(household)).unwrap();
    db.database
        .sql("INSERT INTO refinery_schema_history VALUES (99, 'later', '2030-01-01T00:00:00Z', '0')");
    let until = Instant::now() + Duration::from_mins(1);
    while db.read(move |tx| tx.household(household)).is_ok() {
        assert!(Instant::now() < until, "it goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
    db.write(move |tx| tx.insert_household(household, UtcMs(1)))
        .unwrap_err();
}

#[test]
fn the_tables_of_a_version_between_releases_are_refused_with_what_to_do_and_left_alone() {
    let Some((_, database)) = empty("a development version's database") else {
        return;
    };
    drop(PgDb::open(database.url()).unwrap());
    database.sql("DELETE FROM refinery_schema_history WHERE version = 10");
    let before = tables(&database);
    let error = PgDb::open(database.url()).unwrap_err();
    assert!(matches!(error, OpenError::Between { step: 10, .. }), "{error}");
    assert!(error.to_string().contains("Please start with an empty one"));
    assert_eq!(tables(&database), before);
}

#[test]
fn another_programs_database_is_refused_and_left_alone() {
    let Some((_, database)) = empty("another program's database") else {
        return;
    };
    database.sql("CREATE TABLE notes (text text)");
    let error = PgDb::open(database.url()).unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    database.sql("CREATE TABLE refinery_schema_history (version int4 PRIMARY KEY)");
    let error = PgDb::open(database.url()).unwrap_err();
    assert!(
        matches!(error, OpenError::Foreign { .. }),
        "it uses the same tool: {error}"
    );
    assert_eq!(tables(&database), "notes refinery_schema_history");
}

#[test]
fn a_database_that_is_missing_or_not_there_at_all_is_told_in_a_sentence() {
    let Some((cluster, _)) = empty("a missing database") else {
        return;
    };
    let missing = PgDb::open(&cluster.url("nowhere")).unwrap_err();
    assert!(matches!(missing, OpenError::Missing { .. }), "{missing}");
    assert!(
        missing
            .to_string()
            .ends_with("Please create it: createdb nowhere"),
        "{missing}"
    );
    for url in [
        "postgres://ann:planted@127.0.0.1:1/romp",
        "postgres://ann:planted@%2Fno%2Fsuch%2Ffolder/romp",
    ] {
        let error = PgDb::open(url).unwrap_err();
        assert!(matches!(error, OpenError::Unreachable { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("planted"), "{error}");
    }
}

#[test]
fn a_wrong_password_is_told_in_a_sentence_without_it() {
    let Some((_, database)) = empty("a wrong password") else {
        return;
    };
    database.sql("CREATE ROLE with_password LOGIN PASSWORD 'right'");
    let as_ann = |password: &str| {
        let (_, place) = database.url().split_once('@').unwrap();
        PgDb::open(&format!("postgres://with_password{password}@{place}")).unwrap_err()
    };
    for error in [as_ann(":planted"), as_ann("")] {
        assert!(matches!(error, OpenError::Password { .. }), "{error}");
        assert!(
            error.to_string().contains("does not let with_password in"),
            "{error}"
        );
        assert!(!format!("{error} {error:?}").contains("planted"), "{error}");
    }
}

#[test]
fn a_url_that_cannot_be_read_is_not_repeated() {
    for url in [
        "postgres://ann:planted@host:port/romp",
        "postgres://ann:planted@host/romp?colour=planted",
    ] {
        let error = PgDb::open(url).unwrap_err();
        assert!(matches!(error, OpenError::Url), "{error}");
        assert!(!format!("{error} {error:?}").contains("planted"));
    }
}

#[test]
fn another_machine_is_not_spoken_to_in_plain_by_accident() {
    let error = PgDb::open("postgres://ann:planted@192.0.2.1/romp").unwrap_err();
    assert!(matches!(error, OpenError::Unprotected), "{error}");
}

#[test]
fn without_tls_on_the_other_side_nothing_is_sent_that_asked_for_it() {
    let Some((_, database)) = empty("TLS") else { return };
    let error = PgDb::open(&format!("{}?sslmode=require", database.url())).unwrap_err();
    assert!(matches!(error, OpenError::Tls { .. }), "{error}");
}
