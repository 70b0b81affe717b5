//! What a measurement found, as lines of JSON: `{"name", "value", "unit"}`, `{"note"}` or `{"blank"}`.

use std::time::Duration;

use serde_json::{Value, json};

/// The findings, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<Value>);

impl Report {
    /// A number.
    pub(crate) fn value(&mut self, name: &str, value: f64, unit: &str) {
        self.0.push(json!({"name": name, "value": value, "unit": unit}));
    }

    /// Something that has to be known to read the numbers.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.0.push(json!({"note": text.into()}));
    }

    /// The peer cannot do this work, and why.
    pub(crate) fn blank(&mut self, reason: &str) {
        self.0.push(json!({"blank": reason}));
    }

    /// A line that another driver printed.
    pub(crate) fn passed_on(&mut self, line: Value) {
        self.0.push(line);
    }

    /// The median and the 99th percentile of a list of times, in milliseconds.
    pub(crate) fn times(&mut self, name: &str, times: &mut [Duration]) {
        times.sort_unstable();
        for (label, share) in [("p50", 0.5), ("p99", 0.99)] {
            let at = ((times.len() as f64 * share).ceil() as usize).saturating_sub(1);
            if let Some(time) = times.get(at) {
                self.value(&format!("{name} {label}"), time.as_secs_f64() * 1_000.0, "ms");
            }
        }
    }

    /// Prints everything.
    pub(crate) fn print(&self) {
        for line in &self.0 {
            println!("{line}");
        }
    }
}
