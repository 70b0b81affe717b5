//! Where a story's database is, and how it is put back to what it was.

use std::sync::Arc;

use romp_domain::wire::Epoch;
use tempfile::TempDir;

use super::super::super::tests::rig::{Rig, TestClock};
use crate::db::DbExt;
use crate::db::postgres::tests::TestDb;
use crate::db::sqlite::{SqliteDb, backup, restore};

/// A file of its own, or a database that stories share, one after the other.
pub(super) enum Place {
    File(TempDir),
    Shared(Arc<TestDb>),
}

/// Every table as it is now, in a schema beside it.
const KEEP: &str = "DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept;
DO $$ DECLARE t text; BEGIN
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', t, t);
    END LOOP;
END $$";

/// Every table as it was then. Without looking at what refers to what: all of it is there in the end.
const PUT_BACK: &str = "DO $$ DECLARE t text; c text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' LOOP
        SELECT string_agg(quote_ident(attname), ', ') INTO c FROM pg_attribute
            WHERE attrelid = ('public.' || quote_ident(t))::regclass AND attnum > 0 AND NOT attisdropped
                AND attgenerated = '';
        EXECUTE format('DELETE FROM public.%I', t);
        EXECUTE format('INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM kept.%I', t, c, c, t);
    END LOOP;
END $$";

impl Place {
    /// Empty.
    pub(super) fn file() -> Self {
        Self::File(tempfile::tempdir().unwrap())
    }

    /// Empty, whatever story was told there before.
    pub(super) fn shared(db: &Arc<TestDb>) -> Self {
        db.database
            .sql("TRUNCATE households, feed, interactions, epoch CASCADE");
        Self::Shared(Arc::clone(db))
    }

    /// A server on it.
    pub(super) fn server(&self, clock: Arc<TestClock>) -> Rig {
        match self {
            Self::File(folder) => {
                let db = SqliteDb::open(&folder.path().join("romp.db")).unwrap();
                Rig::on(Arc::new(db), clock)
            }
            Self::Shared(db) => Rig::on(db.clone(), clock),
        }
    }

    /// Keeps a copy.
    pub(super) fn keep(&self) {
        match self {
            Self::File(folder) => {
                backup(&folder.path().join("romp.db"), &folder.path().join("copy.db")).unwrap();
            }
            Self::Shared(db) => drop(db.database.sql(KEEP)),
        }
    }

    /// Puts the copy in its place while no server runs, and says so by another epoch. Returns a server on it.
    pub(super) fn put_back(&self, epoch: Epoch, clock: Arc<TestClock>) -> Rig {
        match self {
            Self::File(folder) => {
                let copy = folder.path().join("copy.db");
                restore(&folder.path().join("romp.db"), &copy, epoch).unwrap();
                self.server(clock)
            }
            Self::Shared(db) => {
                db.database.sql(PUT_BACK);
                let rig = self.server(clock);
                rig.server.db.write(move |tx| tx.set_epoch(epoch)).unwrap();
                rig
            }
        }
    }
}
