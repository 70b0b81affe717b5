//! `cargo xtask security`: which rule of the safety plan is proved by which test, and whether it passes now.
//!
//! A test proves row 17 when its name begins with `row_17_`. What exists is read from the sources, so docs/security.md
//! can be checked without building anything; what passes is what a run of just these tests says.

mod report;
mod rows;
mod sources;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::cargo::cargo;
use crate::system::{self, Need};
use crate::{Outcome, place};
use rows::all;
use sources::Proof;

/// Where the table is published.
const DOCUMENT: &str = "docs/security.md";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Writes the table of docs/security.md anew, and runs nothing.
    #[arg(long)]
    write: bool,
}

pub(crate) fn security(options: &Options) -> Outcome {
    let proofs = sources::proofs(place::root())?;
    if options.write {
        return write(&proofs);
    }
    system::install(&[Need::Build, Need::Window, Need::Npm, Need::Tests])?;
    let results = run()?;
    let gaps = report::print(&all(), &proofs, &results);
    if gaps == 0 {
        return Ok(());
    }
    Err(format!("{gaps} rows are not proved: see above."))
}

fn write(proofs: &[Proof]) -> Outcome {
    let path = place::root().join(DOCUMENT);
    let text = fs::read_to_string(&path).map_err(|error| format!("{DOCUMENT} cannot be read: {error}"))?;
    let text = report::with_table(&text, &all(), proofs)?;
    fs::write(&path, text).map_err(|error| format!("{DOCUMENT} cannot be written: {error}"))
}

/// Runs the tests that prove a row. Whether each passed, by its name.
fn run() -> Outcome<BTreeMap<String, bool>> {
    let mut command = cargo(["test", "--workspace", "--no-fail-fast", "--", "row_"]);
    command.env("ROMP_TESTS_SKIP_NOTHING", "1");
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cargo test could not be started: {error}"))?;
    let mut results = BTreeMap::new();
    let lines = child.stdout.take().map(BufReader::new);
    for line in lines.into_iter().flat_map(BufRead::lines).map_while(Result::ok) {
        if let Some((name, passed)) = result(&line) {
            // A test that runs against both databases has passed when it passed against both.
            results
                .entry(name.to_owned())
                .and_modify(|all| *all &= passed)
                .or_insert(passed);
        }
    }
    child
        .wait()
        .map_err(|error| format!("cargo test is lost: {error}"))?;
    if results.is_empty() {
        return Err("No test was run: see what could not be built, above.".to_owned());
    }
    Ok(results)
}

/// The test's own name and whether it passed, from a line like `test a::b::row_07_c ... ok`.
fn result(line: &str) -> Option<(&str, bool)> {
    let (path, verdict) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let path = path.split(" - ").next()?;
    Some((path.rsplit("::").next()?, verdict == "ok"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether every row has a test or a reason, and the published table says so.
    fn check() -> Outcome {
        let proofs = sources::proofs(place::root())?;
        for row in all() {
            if row.absent.is_none() && !proofs.iter().any(|proof| proof.row == row.number) {
                return Err(format!(
                    "Row {} ({}) has no test. Name the one that proves it row_{:02}_…",
                    row.number, row.attack, row.number
                ));
            }
        }
        let path = place::root().join(DOCUMENT);
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{DOCUMENT} cannot be read: {error}"))?;
        if report::with_table(&text, &all(), &proofs)? == text {
            return Ok(());
        }
        Err(format!(
            "The table in {DOCUMENT} is not current. `cargo xtask security --write` makes it anew."
        ))
    }

    #[test]
    fn every_row_of_the_plan_is_proved_and_the_published_table_is_current() {
        check().unwrap();
    }

    #[test]
    fn a_result_is_read_from_its_line() {
        assert_eq!(
            result("test routes::tests::row_02_no_way ... ok"),
            Some(("row_02_no_way", true))
        );
        assert_eq!(
            result("test row_02_no_way ... FAILED"),
            Some(("row_02_no_way", false))
        );
        assert_eq!(
            result("test row_02_no_way - should panic ... ok"),
            Some(("row_02_no_way", true))
        );
        assert_eq!(result("running 3 tests"), None);
    }
}
