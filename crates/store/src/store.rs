//! The store: one connection, one writer at a time, and a number that rises with every change.

use std::cell::Cell;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use romp_domain::{DeviceId, Role, UtcMs};
use rusqlite::{Connection, TransactionBehavior};

use crate::{Account, Clock, Ids, Reader, StoreError, Writer, erase, meta, open};

/// The device's database. Cheap calls, no waiting for a network: it may be used from async code directly.
pub struct Store {
    conn: Mutex<Connection>,
    clock: Arc<dyn Clock>,
    version: AtomicU64,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the file at `path`, making it where there is none. A file that cannot be used is left as it is.
    pub fn open(path: &Path, clock: Arc<dyn Clock>, ids: &dyn Ids) -> Result<Self, StoreError> {
        let mut conn = open::open(path)?;
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        meta::make_device(&tx, || DeviceId(ids.make(clock.now())))?;
        tx.commit()?;
        if let Err(error) = erase::scrub_if_due(&conn) {
            tracing::warn!(%error, "the file cannot be rewritten yet");
        }
        Ok(Self {
            conn: Mutex::new(conn),
            clock,
            version: AtomicU64::new(0),
        })
    }

    /// As which installation this device speaks. Made at the first start; another one after its data was copied.
    pub fn device(&self) -> Result<DeviceId, StoreError> {
        Reader::new(&self.lock()).device()
    }

    /// Rises with every committed change of what is shown or waits to be sent.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::SeqCst)
    }

    /// Reads. Everything read in one call belongs together.
    pub fn read<T, E>(&self, read: impl FnOnce(Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        read(Reader::new(&self.lock()))
    }

    /// [`Reader::account`], on its own.
    pub fn account(&self) -> Result<Option<Account>, StoreError> {
        Reader::new(&self.lock()).account()
    }

    /// [`Reader::role`], on its own.
    pub fn role(&self) -> Result<Role, StoreError> {
        Reader::new(&self.lock()).role()
    }

    /// [`Reader::device_role`], on its own.
    pub fn device_role(&self) -> Result<Role, StoreError> {
        Reader::new(&self.lock()).device_role()
    }

    /// [`Reader::vaulted`], on its own.
    pub fn vaulted(&self) -> Result<Option<bool>, StoreError> {
        Reader::new(&self.lock()).vaulted()
    }

    /// [`Reader::cursor`], on its own.
    pub fn cursor(&self) -> Result<u64, StoreError> {
        Reader::new(&self.lock()).cursor()
    }

    /// Looks and changes in one immediate transaction: all of it or, on an error, nothing.
    pub fn write<T, E: From<StoreError>>(
        &self,
        write: impl FnOnce(Writer<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.lock();
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let changed = Cell::new(false);
        let value = write(Writer::new(&tx, self.clock.now(), &changed))?;
        tx.commit().map_err(StoreError::from)?;
        if changed.get() {
            self.version.fetch_add(1, Ordering::SeqCst);
        }
        Ok(value)
    }

    pub(crate) fn now(&self) -> UtcMs {
        self.clock.now()
    }

    /// A panic while the lock was held has rolled its transaction back, so the connection is sound.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.conn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ManualClock, SeededIds};
    use romp_domain::{ErrorCode, Kind, Pet, PetId, Problem, Species};
    use uuid::Uuid;

    fn open() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(UtcMs(1)));
        let store = Store::open(&dir.path().join("romp.db"), clock, &SeededIds::new(1)).unwrap();
        (dir, store)
    }

    #[test]
    fn a_full_disk_is_told_and_changes_nothing() {
        let (_dir, store) = open();
        let pages: i64 = store
            .lock()
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        store.lock().pragma_update(None, "max_page_count", pages).unwrap();
        let mut pet = Pet::new(Species::Dog);
        pet.owner_notes = Some("x".repeat(1000).try_into().unwrap());
        let mut stored = 0;
        let problem = loop {
            let id = PetId(Uuid::from_u128(stored));
            match store.write(|writer| writer.put(id.0, &pet)) {
                Ok(_) => stored += 1,
                Err(error) => break Problem::from(error),
            }
        };
        assert_eq!(problem.code, ErrorCode::StorageFull);
        let (rows, pending) = store
            .read(|reader| Ok::<_, StoreError>((reader.list::<Pet>()?.len(), reader.pending()?.count)))
            .unwrap();
        assert_eq!((rows as u128, u128::from(pending)), (stored, stored));
        store
            .lock()
            .pragma_update(None, "max_page_count", 1_000_000)
            .unwrap();
        assert!(
            store
                .write(|writer| writer.put(Uuid::from_u128(stored), &pet))
                .unwrap(),
            "it goes on"
        );
    }

    #[test]
    fn an_error_or_a_panic_inside_a_write_leaves_nothing_behind() {
        let (_dir, store) = open();
        let pet = Pet::new(Species::Cat);
        let failed: Result<(), Problem> = store.write(|writer| {
            writer.put(Uuid::from_u128(1), &pet)?;
            Err(Problem::new(ErrorCode::Stale))
        });
        assert_eq!(failed.unwrap_err().code, ErrorCode::Stale);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store.write(|writer| -> Result<(), StoreError> {
                writer.put(Uuid::from_u128(1), &pet)?;
                panic!("in the middle")
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(store.version(), 0);
        let found = store
            .read(|reader| {
                Ok::<_, StoreError>((
                    reader.has(Kind::Pet, Uuid::from_u128(1))?,
                    reader.pending()?.count,
                ))
            })
            .unwrap();
        assert_eq!(found, (false, 0));
    }
}
