//! The files of a disk by name, as they were since the folders were last synced, and putting that back.
//!
//! Every file is linked into a second folder, under the number of its inode, as soon as it is noticed: one that was
//! deleted or replaced can come back, with the same inode.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::DirEntryExt;
use std::path::{Path, PathBuf};

/// Files and their inodes, by their paths from the folder of the disk.
pub(crate) type Listing = BTreeMap<PathBuf, u64>;

/// The end of the names of what the users of a log share: memory, not files.
const SHARED_MEMORY: &str = "-shm";

/// The listings of a disk.
#[derive(Debug)]
pub(crate) struct Directory {
    files: PathBuf,
    links: PathBuf,
    /// What was there after each change that was noticed; what lasts first, and what is there now last. Never empty.
    pasts: Vec<Listing>,
}

impl Directory {
    /// Of an empty folder; `links` is another empty one beside it.
    pub(crate) fn new(files: PathBuf, links: PathBuf) -> Self {
        Self {
            files,
            links,
            pasts: vec![Listing::new()],
        }
    }

    /// Whether a file was noticed under its present name.
    pub(crate) fn knows(&self, path: &Path, inode: u64) -> bool {
        let name = path.strip_prefix(&self.files).unwrap_or(path);
        self.now().get(name) == Some(&inode)
    }

    /// What is there, as far as it was noticed.
    fn now(&self) -> &Listing {
        self.pasts.last().expect("there is always one")
    }

    /// Takes down what is there.
    pub(crate) fn notice(&mut self) {
        let mut found = Listing::new();
        list(&self.files, &self.files, &mut found).expect("the folder can be read");
        if found == *self.now() {
            return;
        }
        for (name, inode) in &found {
            let link = self.link(*inode);
            if !link.exists() {
                fs::hard_link(self.files.join(name), link).expect("a file can be linked");
            }
        }
        self.pasts.push(found);
    }

    /// The file with an inode, whatever it is called now.
    pub(crate) fn link(&self, inode: u64) -> PathBuf {
        self.links.join(inode.to_string())
    }

    /// What is in a folder lasts now, and what is not there any more is gone.
    pub(crate) fn synced(&mut self, folder: &Path) {
        self.notice();
        let name = folder.strip_prefix(&self.files).unwrap_or(folder);
        let is_in = |path: &Path| path.parent() == Some(name);
        let now = self.now().clone();
        for past in &mut self.pasts {
            past.retain(|path, _| !is_in(path));
            past.extend(
                now.iter()
                    .filter(|(path, _)| is_in(path))
                    .map(|(path, inode)| (path.clone(), *inode)),
            );
        }
        self.pasts.dedup();
        self.forget_links();
    }

    /// The listings that a power cut can leave: how many there are.
    pub(crate) fn choices(&self) -> usize {
        self.pasts.len()
    }

    /// Settles on one of them: it lasts, and the others never were. Returns it.
    pub(crate) fn choose(&mut self, choice: usize) -> &Listing {
        let chosen = self.pasts.swap_remove(choice);
        self.pasts = vec![chosen];
        self.now()
    }

    /// Makes the folder what was settled on.
    pub(crate) fn put_back(&mut self) -> io::Result<()> {
        let mut found = Listing::new();
        list(&self.files, &self.files, &mut found)?;
        let wanted = self.now();
        for (name, inode) in &found {
            if wanted.get(name) != Some(inode) {
                fs::remove_file(self.files.join(name))?;
            }
        }
        for (name, inode) in wanted {
            if found.get(name) != Some(inode) {
                fs::hard_link(self.link(*inode), self.files.join(name))?;
            }
        }
        self.forget_links();
        Ok(())
    }

    fn forget_links(&self) {
        let needed: BTreeSet<u64> = self.pasts.iter().flat_map(BTreeMap::values).copied().collect();
        for link in fs::read_dir(&self.links).into_iter().flatten().flatten() {
            if !needed.contains(&link.ino()) {
                fs::remove_file(link.path()).expect("a link can be removed");
            }
        }
    }
}

fn list(root: &Path, folder: &Path, found: &mut Listing) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            list(root, &path, found)?;
        } else if !path.to_string_lossy().ends_with(SHARED_MEMORY) {
            found.insert(path.strip_prefix(root).unwrap_or(&path).to_owned(), entry.ino());
        }
    }
    Ok(())
}
