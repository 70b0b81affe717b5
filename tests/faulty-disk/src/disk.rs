//! A disk: a folder, its health, and everything on it that is not synced.

use std::collections::{HashMap, HashSet};
use std::fs::{self, OpenOptions};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use tempfile::TempDir;

use crate::directory::Directory;
use crate::fault::{Health, Verdict};
use crate::history::History;
use crate::sync::NAMES_ARE_FORGOTTEN;
use crate::{Call, Fault, Hit, Survival, vfs};

/// Where files are in memory and a sync costs nothing.
const IN_MEMORY: &str = "/dev/shm";

/// A disk for the databases of a test. Its folder goes with the last clone.
#[derive(Debug, Clone)]
pub struct Disk(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    folder: PathBuf,
    state: Mutex<State>,
    _root: TempDir,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) health: Health,
    /// By inode, so that they follow a file that is renamed.
    pub(crate) histories: HashMap<u64, History>,
    pub(crate) directory: Directory,
    /// Files whose content lasts but for their history: `SQLite` writes them, or somebody has synced them.
    pub(crate) lasting: HashSet<u64>,
    pub(crate) open_files: usize,
    /// Writes, cuts, new files and removals.
    pub(crate) changes: u64,
}

impl Inner {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        vfs::forget(self.folder());
    }
}

impl Disk {
    /// An empty, healthy disk.
    ///
    /// # Panics
    /// When there is no room for a folder.
    #[expect(
        clippy::new_without_default,
        reason = "it makes a folder, which a default value should not"
    )]
    pub fn new() -> Self {
        let parent = [PathBuf::from(IN_MEMORY), std::env::temp_dir()]
            .into_iter()
            .find_map(|place| TempDir::with_prefix_in("romp-disk-", place.canonicalize().ok()?).ok());
        let root = parent.expect("a folder can be made");
        let (folder, links) = (root.path().join("files"), root.path().join("links"));
        for new in [&folder, &links] {
            fs::create_dir(new).expect("a folder can be made");
        }
        let state = State {
            health: Health::default(),
            histories: HashMap::new(),
            directory: Directory::new(folder.clone(), links),
            lasting: HashSet::new(),
            open_files: 0,
            changes: 0,
        };
        let disk = Self(Arc::new(Inner {
            folder,
            state: Mutex::new(state),
            _root: root,
        }));
        vfs::add(&disk.0);
        disk
    }

    /// The folder of the disk, for code that wants one.
    pub fn folder(&self) -> &Path {
        self.0.folder()
    }

    /// A path on the disk.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// How many calls there were; the number of the next one.
    pub fn calls(&self) -> u64 {
        self.0.state().health.calls
    }

    /// How many of them have changed something. While that stays the same, so do the files.
    pub fn changes(&self) -> u64 {
        self.0.state().changes
    }

    /// Whether `SQLite` has written something that a power cut would forget.
    pub fn is_unsynced(&self) -> bool {
        self.0.state().histories.values().any(History::is_unsynced)
    }

    /// Plans a fault for the call with number `index`, in place of a plan from before. A number from the past means
    /// the next call.
    pub fn plan(&self, index: u64, fault: Fault) {
        self.0.state().health.plan(index, fault);
    }

    /// Where the last planned fault hit, if it has.
    pub fn hit(&self) -> Option<Hit> {
        self.0.state().health.hit
    }

    /// Whether the power is lost.
    pub fn is_off(&self) -> bool {
        self.0.state().health.off
    }

    /// The power is lost now.
    pub fn cut_power(&self) {
        let mut state = self.0.state();
        state.directory.notice();
        state.health.off = true;
    }

    /// Ends a lasting fault, and forgets a plan.
    ///
    /// # Panics
    /// When the power is lost: only [`Disk::restart`] ends that.
    pub fn repair(&self) {
        let mut state = self.0.state();
        assert!(!state.health.off, "a disk without power has to be restarted");
        state.health.repair();
    }

    /// Switches the machine on again, after a power cut or without one: what was not synced survives or does not.
    /// Ends all faults. Must be called after everything that used the disk was dropped.
    ///
    /// # Panics
    /// When a file on it is still open, or the folder cannot be written.
    pub fn restart(&self, survival: Survival) {
        let mut state = self.0.state();
        assert_eq!(
            state.open_files, 0,
            "what was open when the power was lost must be dropped first"
        );
        if !state.health.off {
            state.directory.notice();
        }
        state.health.repair();
        state.settle(survival).expect("the folder can be written");
    }
}

impl State {
    /// Decides about a call. The names that are there when the power is lost are the last that there were.
    pub(crate) fn judge(&mut self, call: Call) -> Verdict {
        let was_off = self.health.off;
        let verdict = self.health.judge(call);
        if self.health.off && !was_off {
            self.directory.notice();
        }
        verdict
    }

    /// Somebody has synced a file, or a folder.
    pub(crate) fn synced(&mut self, path: &Path) {
        if path.is_dir() {
            self.directory.synced(path);
        } else if let Ok(found) = fs::metadata(path) {
            self.lasting.insert(found.ino());
            if let Some(history) = self.histories.get_mut(&found.ino()) {
                history.synced();
            }
        }
    }

    fn settle(&mut self, survival: Survival) -> std::io::Result<()> {
        let mut histories = std::mem::take(&mut self.histories);
        let now = self.directory.choices() - 1;
        let mut dice = match survival {
            Survival::Everything => {
                self.directory.choose(now);
                return self.directory.put_back();
            }
            Survival::Nothing => None,
            Survival::Seeded(seed) => Some(ChaCha8Rng::seed_from_u64(seed)),
        };
        let choice = dice.as_mut().map_or(0, |dice| dice.random_range(0..=now));
        let choice = if NAMES_ARE_FORGOTTEN { choice } else { now };
        // In the order of their names, so that a seed means the same every time.
        let files: Vec<u64> = self.directory.choose(choice).values().copied().collect();
        for inode in files {
            let open = || {
                OpenOptions::new()
                    .read(true)
                    .write(true)
                    .open(self.directory.link(inode))
            };
            if !self.lasting.contains(&inode) && dice.as_mut().is_none_or(|dice| dice.random_bool(0.5)) {
                open()?.set_len(0)?;
            }
            match (histories.remove(&inode), &mut dice) {
                (None, _) => {}
                (Some(history), None) => history.forget(&open()?)?,
                (Some(history), Some(dice)) => history.forget_some(&open()?, dice)?,
            }
        }
        self.directory.put_back()
    }
}
