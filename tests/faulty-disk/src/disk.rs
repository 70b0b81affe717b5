//! A disk: a folder, its health, and everything on it that is not synced.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use tempfile::TempDir;

use crate::directory::{self, Entry};
use crate::fault::Health;
use crate::history::History;
use crate::{Fault, Hit, Survival, vfs};

/// Where files are in memory and a sync costs nothing.
const IN_MEMORY: &str = "/dev/shm";

/// A disk for the databases of a test. Its folder goes with the last clone.
#[derive(Debug, Clone)]
pub struct Disk(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    folder: TempDir,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) health: Health,
    /// By inode, so that they follow a file that is renamed.
    pub(crate) histories: HashMap<u64, History>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) open_files: usize,
}

impl Inner {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
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
        let disk = Self(Arc::new(Inner {
            folder: parent.expect("a folder can be made"),
            state: Mutex::default(),
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
        self.0.state().health.off = true;
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
        state.health.repair();
        let histories = std::mem::take(&mut state.histories);
        let entries = std::mem::take(&mut state.entries);
        self.settle(histories, entries, survival)
            .expect("the folder can be written");
    }

    fn settle(
        &self,
        mut histories: HashMap<u64, History>,
        entries: Vec<Entry>,
        survival: Survival,
    ) -> std::io::Result<()> {
        let mut dice = match survival {
            Survival::Everything => return Ok(()),
            Survival::Nothing => None,
            Survival::Seeded(seed) => Some(ChaCha8Rng::seed_from_u64(seed)),
        };
        // In the order of their names, so that a seed means the same every time.
        let mut paths = files_in(self.folder())?;
        paths.sort();
        for path in paths {
            let Some(history) = histories.remove(&fs::metadata(&path)?.ino()) else {
                continue;
            };
            let file = OpenOptions::new().read(true).write(true).open(&path)?;
            match &mut dice {
                None => history.forget(&file)?,
                Some(dice) => history.forget_some(&file, dice)?,
            }
        }
        let kept = dice.map_or(0, |mut dice| dice.random_range(0..=entries.len()));
        directory::undo(entries, kept)
    }
}

impl State {
    /// What would be left of a file, were the power lost now.
    pub(crate) fn lasting_content(&mut self, path: &Path) -> std::io::Result<Vec<u8>> {
        let copy = tempfile::tempfile_in(path.parent().unwrap_or(path))?;
        std::io::copy(&mut File::open(path)?, &mut &copy)?;
        if let Some(history) = self.histories.remove(&fs::metadata(path)?.ino()) {
            history.forget(&copy)?;
        }
        let mut content = vec![0; copy.metadata()?.len() as usize];
        std::os::unix::fs::FileExt::read_exact_at(&copy, &mut content, 0)?;
        Ok(content)
    }
}

/// All files below a folder.
fn files_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files.extend(files_in(&entry.path())?);
        } else {
            files.push(entry.path());
        }
    }
    Ok(files)
}
