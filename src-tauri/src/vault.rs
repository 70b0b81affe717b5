//! Where the session's token is kept: the keyring of the operating system, or memory while there is none.
//!
//! A keyring that cannot be reached is not an empty one: it may only be late, where the app starts with the desktop. So it
//! is looked for again whenever the vault is used, and until it is there, nobody is told that there is no token.
//!
//! Deliberately absent: a file. Without a keyring the token ends with the app, and the app says so.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use keyring_core::{CredentialStore, Entry, Error};
use romp_app::{MemoryVault, Vault, VaultError};
use romp_domain::view::SecretStore;

/// The service under which the keyring lists the token: the app's identifier.
const SERVICE: &str = "app.romp.Romp";

/// The keyring of this system once it answers, and until then memory.
pub(crate) fn of_this_system(data_dir: &Path) -> Box<dyn Vault> {
    let vault = SystemVault {
        keyring: OnceLock::new(),
        memory: MemoryVault::default(),
        user: data_dir.display().to_string(),
    };
    if let Err(error) = vault.keyring() {
        tracing::warn!(%error, "no keyring: the session will last as long as the app is open");
    }
    Box::new(vault)
}

/// The token in the operating system's keyring, one entry for each data folder.
struct SystemVault {
    /// Once it was reached.
    keyring: OnceLock<Arc<CredentialStore>>,
    /// What was to be kept while it was not.
    memory: MemoryVault,
    user: String,
}

impl SystemVault {
    fn keyring(&self) -> Result<&Arc<CredentialStore>, VaultError> {
        if let Some(keyring) = self.keyring.get() {
            return Ok(keyring);
        }
        let keyring = aside(store).map_err(|error| VaultError(error.to_string()))?;
        Ok(self.keyring.get_or_init(|| keyring))
    }

    fn with_entry<T: Send>(
        &self,
        keyring: &Arc<CredentialStore>,
        work: impl FnOnce(Entry) -> keyring_core::Result<T> + Send,
    ) -> Result<T, VaultError> {
        aside(|| keyring.build(SERVICE, &self.user, None).and_then(work))
            .map_err(|error| VaultError(error.to_string()))
    }
}

impl Vault for SystemVault {
    fn load(&self) -> Result<Option<String>, VaultError> {
        if let Some(token) = self.memory.load()? {
            return Ok(Some(token));
        }
        self.with_entry(self.keyring()?, |entry| match entry.get_password() {
            Ok(token) => Ok(Some(token)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn save(&self, token: &str) -> Result<(), VaultError> {
        match self.keyring() {
            Ok(keyring) => {
                self.with_entry(keyring, |entry| entry.set_password(token))?;
                self.memory.clear()
            }
            Err(_) => self.memory.save(token),
        }
    }

    /// What a keyring holds that was not reached is taken out at the next start.
    fn clear(&self) -> Result<(), VaultError> {
        self.memory.clear()?;
        let Ok(keyring) = self.keyring() else {
            return Ok(());
        };
        self.with_entry(keyring, |entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
    }

    fn kind(&self) -> SecretStore {
        match self.keyring.get() {
            Some(_) => SecretStore::Keyring,
            None => SecretStore::Memory,
        }
    }
}

/// Works on a thread of its own: the keyrings block, and the Linux one must not do so on an async runtime.
fn aside<T: Send>(work: impl FnOnce() -> keyring_core::Result<T> + Send) -> keyring_core::Result<T> {
    std::thread::scope(|scope| {
        scope
            .spawn(work)
            .join()
            .unwrap_or_else(|_| Err(Error::PlatformFailure("the keyring's library gave up".into())))
    })
}

#[cfg(any(target_os = "linux", target_os = "freebsd"))]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(target_os = "windows")]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "freebsd",
    target_os = "macos",
    target_os = "windows"
)))]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(Error::NoDefaultStore)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::env;
    use std::io::Write;
    use std::process::Command;

    use super::*;

    const TOKEN: &str = "not-a-real-token-4f1c";
    /// Which life of the app this process plays. A test without one starts processes that have one, because only a
    /// fresh process has a session bus, or none, of the test's choice.
    const LIFE: &str = "ROMP_TEST_LIFE";
    /// A fresh keyring unlocked in a session of its own, then this program as two lives of the app.
    const TWO_LIVES: &str = r#"
        printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null
        ROMP_TEST_LIFE=first  "$0" --exact "$1" --nocapture
        ROMP_TEST_LIFE=second "$0" --exact "$1" --nocapture
    "#;

    #[test]
    fn row_70_a_token_outlives_the_app_in_a_real_keyring() {
        let name = "vault::tests::row_70_a_token_outlives_the_app_in_a_real_keyring";
        let Ok(life) = env::var(LIFE) else {
            if tools_are_there(name, &["dbus-run-session", "gnome-keyring-daemon"]) {
                let mut session = Command::new("dbus-run-session");
                session
                    .args(["--", "sh", "-e", "-c", TWO_LIVES])
                    .arg(this_program())
                    .arg(name);
                live(&mut session, 2);
            }
            return;
        };
        let vault = of_this_system(Path::new("/some/folder"));
        assert_eq!(vault.kind(), SecretStore::Keyring);
        if life == "first" {
            assert_eq!(vault.load().expect("the keyring answers"), None);
            vault.save("older").expect("the keyring takes a token");
            vault.save(TOKEN).expect("the keyring takes a newer token");
            return;
        }
        assert_eq!(vault.load().expect("the keyring answers").as_deref(), Some(TOKEN));
        let other = of_this_system(Path::new("/another/folder"));
        assert_eq!(
            other.load().expect("the keyring answers"),
            None,
            "each data folder has its own"
        );
        vault.clear().expect("the keyring lets go");
        vault.clear().expect("clearing twice is no error");
        assert_eq!(vault.load().expect("the keyring answers"), None);
    }

    #[test]
    fn row_70_without_a_keyring_the_token_stays_in_memory_and_the_vault_says_so() {
        if env::var_os(LIFE).is_none() {
            let name =
                "vault::tests::row_70_without_a_keyring_the_token_stays_in_memory_and_the_vault_says_so";
            return live(
                Command::new(this_program())
                    .args(["--exact", name])
                    .env(LIFE, "only"),
                1,
            );
        }
        let vault = of_this_system(Path::new("/some/folder"));
        assert_eq!(vault.kind(), SecretStore::Memory);
        vault
            .load()
            .expect_err("a keyring that cannot be reached is not an empty one");
        vault.save(TOKEN).expect("memory takes a token");
        assert_eq!(vault.load().expect("memory answers").as_deref(), Some(TOKEN));
        vault.clear().expect("memory lets go");
        vault
            .load()
            .expect_err("it is still not known what a keyring holds");
        let home = env::var_os("HOME").expect("the test gave this life a home");
        assert_eq!(files_with_the_token(Path::new(&home)), 0, "memory is no file");
    }

    /// Runs processes away from the session and the keyring of the person at this machine.
    fn live(command: &mut Command, lives: usize) {
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        let output = command
            .env("HOME", home.path())
            .env("XDG_RUNTIME_DIR", home.path())
            .env("XDG_DATA_HOME", home.path().join("data"))
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env_remove("DISPLAY")
            .output()
            .expect("a process can be started");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{said}");
        assert_eq!(said.matches("1 passed").count(), lives, "{said}");
    }

    fn files_with_the_token(folder: &Path) -> usize {
        let entries = std::fs::read_dir(folder).expect("a folder can be read");
        let paths = entries.map(|entry| entry.expect("an entry can be read").path());
        paths
            .map(|path| {
                if path.is_dir() {
                    return files_with_the_token(&path);
                }
                let bytes = std::fs::read(path).unwrap_or_default();
                usize::from(
                    bytes
                        .windows(TOKEN.len())
                        .any(|window| window == TOKEN.as_bytes()),
                )
            })
            .sum()
    }

    fn this_program() -> std::path::PathBuf {
        env::current_exe().expect("a test has a program")
    }

    fn tools_are_there(test: &str, tools: &[&str]) -> bool {
        let path = env::var_os("PATH").unwrap_or_default();
        let there = |tool: &str| env::split_paths(&path).any(|folder| folder.join(tool).is_file());
        let Some(missing) = tools.iter().find(|tool| !there(tool)) else {
            return true;
        };
        assert!(
            env::var_os("ROMP_TESTS_SKIP_NOTHING").is_none(),
            "{test} needs {missing}"
        );
        let _ = writeln!(std::io::stderr(), "SKIPPED {test}: no {missing}");
        false
    }
}
