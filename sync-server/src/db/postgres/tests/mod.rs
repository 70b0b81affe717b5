//! The backend against a real PostgreSQL.

mod opening;
mod racing;
mod silent;

use std::sync::Arc;

use romp_domain::{AuditEvent, HouseholdId, UtcMs};
use romp_postgres_cluster::{Cluster, Database, cluster};

use uuid::Uuid;

use super::PgDb;
use super::bus::Tempo;
use crate::db::{Answer, AuditRecord, Db, DbExt, Fault, Job};
use crate::pokes::Pokes;

/// A database with Romp's tables, and the way to it. The database is gone when the last way to it is dropped.
pub(crate) struct TestDb {
    // Dropped first: a database with connections is not given up.
    pub(crate) db: PgDb,
    pub(crate) database: Arc<Database<'static>>,
    /// How fast it talks with other processes.
    pub(crate) tempo: Tempo,
}

/// An empty database with Romp's tables, unless `test` is to be skipped.
pub(crate) fn fresh(test: &str) -> Option<Arc<TestDb>> {
    Some(Arc::new(open(cluster(test)?)))
}

fn open(cluster: &'static Cluster) -> TestDb {
    let database = cluster.like("romp", |url| drop(PgDb::open(url).unwrap()));
    let db = PgDb::open(database.url()).unwrap();
    TestDb {
        db,
        database: Arc::new(database),
        tempo: Tempo::default(),
    }
}

impl TestDb {
    /// The same database for another process.
    pub(crate) fn again(&self) -> Self {
        self.again_at(self.tempo)
    }

    /// The same database for another process, which talks with others as fast as this.
    pub(crate) fn again_at(&self, tempo: Tempo) -> Self {
        let database = Arc::clone(&self.database);
        Self {
            db: PgDb::open(database.url()).unwrap(),
            database,
            tempo,
        }
    }
}

impl Db for TestDb {
    fn run_write(&self, job: Job) -> Result<Answer, Fault> {
        self.db.run_write(job)
    }

    fn run_read(&self, job: Job) -> Result<Answer, Fault> {
        self.db.run_read(job)
    }

    fn join(&self, pokes: &Arc<Pokes>) {
        self.db.join_at(pokes, self.tempo);
    }
}

#[test]
fn postgresql_keeps_the_contract() {
    let Some(cluster) = cluster("the contract on PostgreSQL") else {
        return;
    };
    crate::db::contract::run(|| Box::new(open(cluster)));
}

#[test]
fn the_database_itself_refuses_to_change_an_entry_of_the_security_log() {
    let Some(test) = fresh("the security log on PostgreSQL") else {
        return;
    };
    test.write(|tx| {
        let household = HouseholdId(Uuid::from_u128(1));
        tx.insert_household(household, UtcMs(1))?;
        tx.append_audit(household, &AuditRecord::new(AuditEvent::SignedIn, UtcMs(1)))
    })
    .unwrap();
    let change =
        "DO $$ BEGIN UPDATE audit SET event = 'signed_out'; EXCEPTION WHEN raise_exception THEN NULL; END $$";
    test.database.sql(change);
    assert_eq!(test.database.sql("SELECT event FROM audit"), "signed_in");
}
