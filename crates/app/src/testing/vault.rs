//! A vault in memory that can refuse to keep anything, or to let go of it, as a keyring does whose owner said no.

use std::sync::atomic::{AtomicBool, Ordering};

use romp_domain::view::SecretStore;

use crate::{MemoryVault, Vault, VaultError};

#[derive(Debug, Default)]
pub(crate) struct MoodyVault {
    inner: MemoryVault,
    refuses: AtomicBool,
    keeps: AtomicBool,
    locked: AtomicBool,
    late: AtomicBool,
    comes: AtomicBool,
}

impl MoodyVault {
    /// Keeps nothing, until told otherwise.
    pub(crate) fn refuses(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }

    /// Cannot be read, until told otherwise.
    pub(crate) fn locks(&self, locks: bool) {
        self.locked.store(locks, Ordering::SeqCst);
    }

    /// Is not there at all, and knows nothing, until told otherwise.
    pub(crate) fn is_late(&self, late: bool) {
        self.late.store(late, Ordering::SeqCst);
    }

    /// Is there when it is looked for the next time.
    pub(crate) fn comes(&self) {
        self.comes.store(true, Ordering::SeqCst);
    }

    /// Does not let go of what it keeps, the next time that it is asked to.
    pub(crate) fn keeps_once(&self) {
        self.keeps.store(true, Ordering::SeqCst);
    }
}

impl Vault for MoodyVault {
    fn load(&self) -> Result<Option<String>, VaultError> {
        if self.comes.swap(false, Ordering::SeqCst) {
            self.is_late(false);
        }
        if self.locked.load(Ordering::SeqCst) || self.late.load(Ordering::SeqCst) {
            return Err(VaultError("not now".into()));
        }
        self.inner.load()
    }

    fn save(&self, token: &str) -> Result<(), VaultError> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err(VaultError("not now".into()));
        }
        self.inner.save(token)
    }

    fn clear(&self) -> Result<(), VaultError> {
        if self.keeps.swap(false, Ordering::SeqCst) {
            return Err(VaultError("not now".into()));
        }
        self.inner.clear()
    }

    fn kind(&self) -> SecretStore {
        if self.late.load(Ordering::SeqCst) {
            SecretStore::Memory
        } else {
            SecretStore::Keyring
        }
    }
}
