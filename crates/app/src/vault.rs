//! Where the session's token is kept. The keyring of the operating system is the shell's; this is the memory one.

use std::sync::{Arc, Mutex, PoisonError};

use romp_domain::view::SecretStore;

/// Keeps one secret.
pub trait Vault: Send + Sync {
    /// The token kept, if there is one.
    fn load(&self) -> Result<Option<String>, VaultError>;
    /// Keeps a token in the place of the one before.
    fn save(&self, token: &str) -> Result<(), VaultError>;
    /// Forgets it.
    fn clear(&self) -> Result<(), VaultError>;
    /// Where it is, for the person to know.
    fn kind(&self) -> SecretStore;
}

impl<V: Vault + ?Sized> Vault for Arc<V> {
    fn load(&self) -> Result<Option<String>, VaultError> {
        (**self).load()
    }

    fn save(&self, token: &str) -> Result<(), VaultError> {
        (**self).save(token)
    }

    fn clear(&self) -> Result<(), VaultError> {
        (**self).clear()
    }

    fn kind(&self) -> SecretStore {
        (**self).kind()
    }
}

/// Why a vault did not work, in words that contain no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultError(pub String);

impl std::fmt::Display for VaultError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for VaultError {}

/// Keeps the token until the app closes, and says so.
#[derive(Default)]
pub struct MemoryVault(Mutex<Option<String>>);

impl std::fmt::Debug for MemoryVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryVault(…)")
    }
}

impl MemoryVault {
    fn slot(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Vault for MemoryVault {
    fn load(&self) -> Result<Option<String>, VaultError> {
        Ok(self.slot().clone())
    }

    fn save(&self, token: &str) -> Result<(), VaultError> {
        *self.slot() = Some(token.to_owned());
        Ok(())
    }

    fn clear(&self) -> Result<(), VaultError> {
        *self.slot() = None;
        Ok(())
    }

    fn kind(&self) -> SecretStore {
        SecretStore::Memory
    }
}
