//! What a file was like before its unsynced writes, sector by sector, and putting that back.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

/// Bytes that reach a disk together or not at all.
pub(crate) const SECTOR: u64 = 512;

type Bytes = [u8; SECTOR as usize];

/// The unsynced past of a file.
#[derive(Debug, Default)]
pub(crate) struct History {
    sectors: BTreeMap<u64, Sector>,
    /// Lengths it had since the last sync; the synced one first.
    sizes: Vec<u64>,
}

#[derive(Debug, Default)]
struct Sector {
    /// What it held since the last sync; the synced state first.
    older: Vec<Bytes>,
    /// A sync failed to write it, and nobody has written it again: the next sync does not either.
    forsaken: bool,
}

/// The bytes of whole sectors that hold the `len` bytes at `offset`: where they begin and how many they are.
pub(crate) const fn sectors_around(offset: u64, len: u64) -> (u64, u64) {
    let first = offset / SECTOR;
    let last = (offset + len).div_ceil(SECTOR);
    (first * SECTOR, (last - first) * SECTOR)
}

impl History {
    /// Notes a file's length and whole sectors of it, from `offset` on, before they change.
    pub(crate) fn note(&mut self, size: u64, offset: u64, old: &[u8]) {
        if self.sizes.last() != Some(&size) {
            self.sizes.push(size);
        }
        for (n, bytes) in (offset / SECTOR..).zip(old.as_chunks::<{ SECTOR as usize }>().0) {
            let sector = self.sectors.entry(n).or_default();
            sector.older.push(*bytes);
            sector.forsaken = false;
        }
    }

    /// Everything but what is forsaken lasts now.
    pub(crate) fn synced(&mut self) {
        self.sectors.retain(|_, sector| sector.forsaken);
        self.sizes.clear();
    }

    /// Whether there is something to forget.
    pub(crate) fn is_unsynced(&self) -> bool {
        !self.sectors.is_empty() || !self.sizes.is_empty()
    }

    /// The system has tried, and will not try again.
    pub(crate) fn sync_failed(&mut self) {
        self.sectors
            .values_mut()
            .for_each(|sector| sector.forsaken = true);
    }

    /// Makes the file what the synced state was.
    pub(crate) fn forget(self, file: &File) -> io::Result<()> {
        self.put_back(file, |_| Some(0))
    }

    /// Makes the file one of the many things that a power cut can leave of it.
    pub(crate) fn forget_some(self, file: &File, dice: &mut ChaCha8Rng) -> io::Result<()> {
        // Now and then all or almost all is lost, or nothing: the rare cases should not be rare here.
        let kept = [0.0, 0.05, 0.5, 0.95, 1.0][dice.random_range(0..5)];
        self.put_back(file, |states| {
            let keeps = dice.random_bool(kept);
            (!keeps && states > 0).then(|| dice.random_range(0..states))
        })
    }

    /// `choose` is told how many older states there are; `None` leaves it as it is.
    fn put_back(self, file: &File, mut choose: impl FnMut(usize) -> Option<usize>) -> io::Result<()> {
        let now = file.metadata()?.len();
        let size = match self.sizes.as_slice() {
            [] => now,
            older => choose(older.len()).map_or(now, |n| older[n]),
        };
        file.set_len(now.max(size))?;
        for (n, sector) in &self.sectors {
            if let Some(state) = choose(sector.older.len()) {
                file.write_all_at(&sector.older[state], n * SECTOR)?;
            }
        }
        file.set_len(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use std::collections::BTreeSet;

    /// Writes as the VFS does: the sectors before, then the bytes.
    fn write(file: &File, history: &mut History, offset: u64, bytes: &[u8]) {
        let (start, len) = sectors_around(offset, bytes.len() as u64);
        let mut old = vec![0; len as usize];
        let mut filled = 0;
        while let Ok(n @ 1..) = file.read_at(&mut old[filled..], start + filled as u64) {
            filled += n;
        }
        history.note(file.metadata().unwrap().len(), start, &old);
        file.write_all_at(bytes, offset).unwrap();
    }

    fn content(file: &File) -> Vec<u8> {
        let mut bytes = vec![0; file.metadata().unwrap().len() as usize];
        file.read_exact_at(&mut bytes, 0).unwrap();
        bytes
    }

    #[test]
    fn what_was_not_synced_is_forgotten_and_what_was_is_not() {
        let file = tempfile::tempfile().unwrap();
        let mut history = History::default();
        write(&file, &mut history, 0, &[1; 700]);
        history.synced();
        write(&file, &mut history, 600, &[2; 900]);
        write(&file, &mut history, 100, &[3; 10]);
        history.forget(&file).unwrap();
        assert_eq!(content(&file), [1; 700]);
    }

    #[test]
    fn a_failed_sync_loses_what_is_not_written_again() {
        let file = tempfile::tempfile().unwrap();
        let mut history = History::default();
        write(&file, &mut history, 0, &[1; 1024]);
        history.sync_failed();
        write(&file, &mut history, 512, &[2; 512]);
        history.synced();
        assert_eq!(content(&file)[..512], [1; 512], "it can still be read");
        history.forget(&file).unwrap();
        assert_eq!(content(&file)[..512], [0; 512]);
        assert_eq!(content(&file)[512..], [2; 512]);
    }

    #[test]
    fn every_sector_may_survive_or_not() {
        let mut seen = BTreeSet::new();
        for seed in 0..400 {
            let file = tempfile::tempfile().unwrap();
            let mut history = History::default();
            write(&file, &mut history, 0, &[1; 1024]);
            history.synced();
            write(&file, &mut history, 0, &[2; 1024]);
            write(&file, &mut history, 512, &[3; 512]);
            history
                .forget_some(&file, &mut ChaCha8Rng::seed_from_u64(seed))
                .unwrap();
            let bytes = content(&file);
            seen.insert((bytes[0], bytes[512]));
        }
        let all: BTreeSet<_> = [1, 2]
            .into_iter()
            .flat_map(|a| [1, 2, 3].map(|b| (a, b)))
            .collect();
        assert_eq!(seen, all);
    }
}
