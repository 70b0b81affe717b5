//! What the user interface weighs, against its budget.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::Outcome;

/// All that runs before the first card is seen: wasm, JavaScript and styles, as gzip (issue 2).
const BUDGET_BYTES: usize = 300_000;

/// The kinds of file that count.
const COUNTED: [&str; 3] = ["wasm", "js", "css"];

/// What the counted files weigh together, as gzip.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weight(usize);

impl Weight {
    /// Fails with a sentence when it is more than the budget.
    pub(crate) fn within_budget(self) -> Outcome {
        if self.0 <= BUDGET_BYTES {
            return Ok(());
        }
        Err(format!(
            "The user interface weighs {} of {} allowed. Look for what the last change has drawn in.",
            kilobytes(self.0),
            kilobytes(BUDGET_BYTES)
        ))
    }
}

/// Prints the sizes of the files.
pub(crate) fn print<'a>(files: impl Iterator<Item = (&'a Path, &'a [u8])>) -> Weight {
    let mut sums = [(0, 0); COUNTED.len()];
    for (path, bytes) in files {
        let kind = COUNTED
            .iter()
            .position(|kind| path.extension().is_some_and(|ending| ending == *kind));
        if let Some(kind) = kind {
            sums[kind].0 += bytes.len();
            sums[kind].1 += gzip(bytes);
        }
    }
    println!("{:>12} {:>10} {:>10}", "", "raw", "gzip");
    for (kind, (raw, small)) in COUNTED.iter().zip(sums) {
        print_row(kind, raw, small);
    }
    let small = sums.iter().map(|sum| sum.1).sum();
    print_row("in all", sums.iter().map(|sum| sum.0).sum(), small);
    println!("{:>12} {:>10} {:>10}", "budget", "", kilobytes(BUDGET_BYTES));
    Weight(small)
}

fn print_row(name: &str, raw: usize, small: usize) {
    println!("{name:>12} {:>10} {:>10}", kilobytes(raw), kilobytes(small));
}

fn kilobytes(bytes: usize) -> String {
    format!("{:.1} kB", bytes as f64 / 1000.0)
}

fn gzip(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .map_or(bytes.len(), |packed| packed.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incompressible(length: u32) -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn only_what_runs_counts_against_the_budget() {
        let big = incompressible(400_000);
        let weigh = |name| print([(Path::new(name), big.as_slice())].into_iter()).within_budget();
        assert!(weigh("fonts/a.woff2").is_ok());
        assert!(weigh("romp_ui_bg.wasm").is_err_and(|sentence| sentence.contains("of 300.0 kB allowed")));
    }
}
