//! A vault in memory that can refuse to keep anything, as a keyring does whose owner said no.

use std::sync::atomic::{AtomicBool, Ordering};

use romp_domain::view::SecretStore;

use crate::{MemoryVault, Vault, VaultError};

#[derive(Debug, Default)]
pub(crate) struct MoodyVault {
    inner: MemoryVault,
    refuses: AtomicBool,
}

impl MoodyVault {
    /// Keeps nothing, until told otherwise.
    pub(crate) fn refuses(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }
}

impl Vault for MoodyVault {
    fn load(&self) -> Result<Option<String>, VaultError> {
        self.inner.load()
    }

    fn save(&self, token: &str) -> Result<(), VaultError> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err(VaultError("not now".into()));
        }
        self.inner.save(token)
    }

    fn clear(&self) -> Result<(), VaultError> {
        self.inner.clear()
    }

    fn kind(&self) -> SecretStore {
        self.inner.kind()
    }
}
