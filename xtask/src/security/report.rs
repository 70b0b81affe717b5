//! The table, on the terminal and in the document.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::rows::Row;
use super::sources::Proof;
use crate::Outcome;

/// Between these lines the document is made by the command.
const BEGIN: &str = "<!-- made by `cargo xtask security --write` -->\n";
const END: &str = "<!-- until here -->\n";

/// Prints row → test → result. Returns how many rows are not proved.
pub(super) fn print(rows: &[&Row], proofs: &[Proof], results: &BTreeMap<String, bool>) -> usize {
    let (mut gaps, mut passed, mut tests) = (0, 0, 0);
    for row in rows {
        println!("\n{:>3}  {}", row.number, row.attack);
        if let Some(why) = row.absent {
            println!("     nothing to test: {why}");
            continue;
        }
        println!("     → {}", row.expected);
        let of_row: Vec<_> = proofs.iter().filter(|proof| proof.row == row.number).collect();
        let mut proved = !of_row.is_empty();
        if of_row.is_empty() {
            println!("     NO TEST");
        }
        for proof in of_row {
            let result = results.get(&proof.test);
            let word = match result {
                Some(true) => "ok",
                Some(false) => "FAILED",
                None => "NOT RUN",
            };
            println!("     {word:<8}{}  ({})", proof.test, proof.file);
            tests += 1;
            passed += usize::from(result == Some(&true));
            proved &= result == Some(&true);
        }
        gaps += usize::from(!proved);
    }
    let absent = rows.iter().filter(|row| row.absent.is_some()).count();
    println!(
        "\n{} rows: {} proved, {gaps} not, {absent} with nothing to test; {passed} of {tests} tests passed.",
        rows.len(),
        rows.len() - gaps - absent
    );
    gaps
}

/// The document with the table as it is now.
pub(super) fn with_table(text: &str, rows: &[&Row], proofs: &[Proof]) -> Outcome<String> {
    let marked = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) =
        marked.ok_or("The document has lost the two lines between which the table is made.")?;
    let mut table = String::from(
        "\n| row | what is tried | what happens | tests | ASVS 5.0 | MASVS 2 |\n|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let tests = match row.absent {
            Some(why) => format!("nothing to test: {why}"),
            None => tests(row, proofs),
        };
        // Writing to a text cannot fail.
        let _ = writeln!(
            table,
            "| {} | {} | {} | {tests} | {} | {} |",
            row.number, row.attack, row.expected, row.asvs, row.masvs
        );
    }
    Ok(format!("{before}{BEGIN}{table}\n{END}{after}"))
}

/// The tests of a row, file by file.
fn tests(row: &Row, proofs: &[Proof]) -> String {
    let mut by_file: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for proof in proofs.iter().filter(|proof| proof.row == row.number) {
        by_file.entry(&proof.file).or_default().push(&proof.test);
    }
    let files = by_file.iter().map(|(file, tests)| {
        let tests: Vec<_> = tests.iter().map(|test| format!("`{test}`")).collect();
        format!("[{file}](../{file}): {}", tests.join(", "))
    });
    files.collect::<Vec<_>>().join("<br>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_is_made_anew() {
        let text = format!("# Before\n{BEGIN}old\n{END}After\n");
        let made = with_table(&text, &[], &[]).unwrap();
        assert!(made.starts_with("# Before\n") && made.ends_with("After\n") && !made.contains("old"));
        assert_eq!(with_table(&made, &[], &[]).unwrap(), made);
        assert!(with_table("no marks", &[], &[]).is_err());
    }
}
