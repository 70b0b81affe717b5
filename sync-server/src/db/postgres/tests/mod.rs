//! The backend against a real PostgreSQL.

use romp_postgres_cluster::{Cluster, Database, cluster};

use super::PgDb;
use crate::db::{Answer, Db, Fault, Job};

/// A database with Romp's tables, and the way to it. Both gone when this is dropped.
pub(crate) struct TestDb {
    // Dropped first: a database with connections is not given up.
    pub(crate) db: PgDb,
    pub(crate) database: Database<'static>,
}

/// The cluster, unless the test is to be skipped.
pub(crate) fn running(test: &str) -> Option<&'static Cluster> {
    cluster(test)
}

/// An empty database with Romp's tables.
pub(crate) fn open(cluster: &'static Cluster) -> TestDb {
    let database = cluster.like("romp", |url| drop(PgDb::open(url).unwrap()));
    let db = PgDb::open(database.url()).unwrap();
    TestDb { db, database }
}

impl Db for TestDb {
    fn run_write(&self, job: Job) -> Result<Answer, Fault> {
        self.db.run_write(job)
    }

    fn run_read(&self, job: Job) -> Result<Answer, Fault> {
        self.db.run_read(job)
    }
}

#[test]
fn postgresql_keeps_the_contract() {
    let Some(cluster) = running("the contract on PostgreSQL") else {
        return;
    };
    crate::db::contract::run(|| Box::new(open(cluster)));
}
