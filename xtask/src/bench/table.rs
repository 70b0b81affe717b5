//! What was measured, as a table and as JSON: the median of each number, and how it compares with Romp's.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The peers that are driven by raw requests only; the others bring their own client and its store, and are compared
/// with Romp's real store.
const RAW: [&str; 3] = ["romp", "romp-pg", "atuin"];

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Key {
    workload: String,
    /// In the order in which it first came.
    number: usize,
    name: String,
    unit: String,
}

/// All numbers of all runs.
#[derive(Debug, Default)]
pub(crate) struct Table {
    values: BTreeMap<Key, BTreeMap<String, Vec<f64>>>,
    versions: Vec<(String, String)>,
    notes: Vec<String>,
}

impl Table {
    /// What a peer is called in full.
    pub(crate) fn version(&mut self, peer: &str, version: &str) {
        self.versions.push((peer.to_owned(), version.to_owned()));
    }

    /// Something that has to be known to read the table.
    pub(crate) fn note(&mut self, peer: &str, workload: Option<&str>, text: &str) {
        let note = match workload {
            Some(workload) => format!("{peer}, {workload}: {text}"),
            None => format!("{peer}: {text}"),
        };
        if !self.notes.contains(&note) {
            println!("{note}");
            self.notes.push(note);
        }
    }

    /// Takes the lines of one run in. Returns whether another run makes sense.
    pub(crate) fn add(&mut self, peer: &str, workload: &str, lines: impl Iterator<Item = Value>) -> bool {
        let mut again = true;
        for line in lines {
            if let Some(reason) = line.get("blank").and_then(Value::as_str) {
                self.note(peer, Some(workload), reason);
                again = false;
            } else if let Some(text) = line.get("note").and_then(Value::as_str) {
                self.note(peer, Some(workload), text);
            } else if let (Some(name), Some(value)) = (
                line.get("name").and_then(Value::as_str),
                line.get("value").and_then(Value::as_f64),
            ) {
                let unit = line.get("unit").and_then(Value::as_str).unwrap_or_default();
                let key = self.key(workload, name, unit);
                self.values
                    .entry(key)
                    .or_default()
                    .entry(peer.to_owned())
                    .or_default()
                    .push(value);
            }
        }
        again
    }

    fn key(&self, workload: &str, name: &str, unit: &str) -> Key {
        let known = self
            .values
            .keys()
            .find(|key| key.workload == workload && key.name == name && key.unit == unit);
        known.cloned().unwrap_or_else(|| Key {
            workload: workload.to_owned(),
            number: self.values.len(),
            name: name.to_owned(),
            unit: unit.to_owned(),
        })
    }

    /// Prints raw drivers and drivers with their own client apart, then the versions and notes.
    pub(crate) fn print(&self) {
        let all: Vec<&str> = self.versions.iter().map(|(peer, _)| peer.as_str()).collect();
        let (raw, own): (Vec<&str>, Vec<&str>) = all.into_iter().partition(|peer| RAW.contains(peer));
        println!("\nDriven by raw requests; what ends with \"store\" is the real client with its store:\n");
        self.print_part(&raw);
        if !own.is_empty() {
            println!(
                "\nDriven with their own client and its store; Romp's line to compare with is the one with the same name:\n"
            );
            self.print_part(&own);
        }
        println!();
        for (peer, version) in &self.versions {
            println!("{peer}: {version}");
        }
        println!(
            "romp: WAL, synchronous = FULL: every answer follows an fsync. atuin: WAL, SQLite's default of FULL: the same."
        );
        for note in &self.notes {
            println!("{note}");
        }
    }

    fn print_part(&self, peers: &[&str]) {
        print!("{:<4} {:<38} {:<14}", "", "", "unit");
        for peer in peers {
            print!("{peer:>14}");
        }
        println!();
        for (key, found) in &self.values {
            if !peers.iter().any(|peer| found.contains_key(*peer)) {
                continue;
            }
            print!("{:<4} {:<38} {:<14}", key.workload, key.name, key.unit);
            for peer in peers {
                let text = found
                    .get(*peer)
                    .map(|runs| shown(median(runs)))
                    .unwrap_or_default();
                print!("{text:>14}");
            }
            println!();
        }
    }

    /// A list of `{name, value, unit, peer, ratio}`; the ratio is the peer's number by Romp's.
    pub(crate) fn json(&self) -> String {
        let mut list = Vec::new();
        for (key, found) in &self.values {
            let own = found.get("romp").map(|runs| median(runs));
            for (peer, runs) in found {
                let value = median(runs);
                list.push(json!({
                    "name": format!("{} {}", key.workload, key.name),
                    "value": value,
                    "unit": key.unit,
                    "peer": peer,
                    "ratio": own.filter(|own| *own != 0.0).map(|own| value / own),
                }));
            }
        }
        format!("{:#}\n", Value::from(list))
    }
}

fn median(runs: &[f64]) -> f64 {
    let mut sorted = runs.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (
        sorted.len() % 2,
        sorted.get(middle.saturating_sub(1)),
        sorted.get(middle),
    ) {
        (0, Some(low), Some(high)) => f64::midpoint(*low, *high),
        (_, _, Some(value)) => *value,
        _ => f64::NAN,
    }
}

/// Three digits or all of them.
fn shown(value: f64) -> String {
    match value.abs() {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, value: f64) -> Value {
        json!({"name": name, "value": value, "unit": "ms"})
    }

    #[test]
    fn the_median_of_the_runs_is_told_and_compared_with_romps() {
        let mut table = Table::default();
        for (romp, atuin) in [(1.0, 30.0), (9.0, 10.0), (2.0, 20.0)] {
            assert!(table.add("romp", "w1", [line("batch", romp)].into_iter()));
            assert!(table.add("atuin", "w1", [line("batch", atuin)].into_iter()));
        }
        let list: Vec<Value> = serde_json::from_str(&table.json()).unwrap();
        let of = |peer: &str| list.iter().find(|entry| entry["peer"] == peer).unwrap().clone();
        assert_eq!(of("romp")["value"], 2.0);
        assert_eq!(
            (of("atuin")["value"].clone(), of("atuin")["ratio"].clone()),
            (20.0.into(), 10.0.into())
        );
        assert_eq!(of("atuin")["name"], "w1 batch");
    }

    #[test]
    fn what_a_peer_cannot_do_is_blank_and_not_tried_again() {
        let mut table = Table::default();
        let blank = json!({"blank": "it keeps logs"});
        assert!(!table.add("atuin", "w7", [blank].into_iter()));
        assert_eq!(table.json(), "[]\n");
        assert_eq!(table.notes, ["atuin, w7: it keeps logs"]);
    }

    #[test]
    fn of_an_even_number_of_runs_the_middle_is_between() {
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]).to_string(), "2.5");
        assert_eq!(shown(1234.5), "1234");
    }
}
