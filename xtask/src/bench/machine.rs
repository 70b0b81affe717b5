//! How busy the machine is with other things, because what is measured suffers by it.
//!
//! Read from Linux's `/proc`. Elsewhere nothing is told.

use std::fs;

use serde_json::{Value, json};

/// The machine's processors at one moment, in the kernel's ticks since it started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    all: f64,
    idle: f64,
    /// Of the programs that this one has started and that have ended.
    own: f64,
    load: f64,
}

impl Moment {
    /// Now.
    pub(crate) fn now() -> Option<Self> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let ticks: Vec<f64> = numbers(stat.lines().next()?);
        let own = fs::read_to_string("/proc/self/stat").ok()?;
        let (_, own) = own.rsplit_once(") ")?;
        // cutime and cstime, which are the sixteenth and seventeenth field of the file.
        let own: Vec<f64> = numbers(own);
        let load = fs::read_to_string("/proc/loadavg").ok()?;
        Some(Self {
            // What guests use is part of what users use.
            all: ticks.iter().take(8).sum(),
            // Idle, and waiting for the disk.
            idle: ticks.get(3)? + ticks.get(4)?,
            own: own.get(12)? + own.get(13)?,
            load: *numbers(&load).first()?,
        })
    }

    /// The load average, and how much of the machine was busy with other things since `earlier`.
    pub(crate) fn since(self, earlier: Self) -> Option<[Value; 2]> {
        let all = self.all - earlier.all;
        let others = (all - (self.idle - earlier.idle) - (self.own - earlier.own)).max(0.0);
        (all > 0.0).then(|| {
            [
                json!({"name": "load average before", "value": earlier.load, "unit": ""}),
                json!({"name": "of the machine in use by others", "value": others / all * 100.0, "unit": "%"}),
            ]
        })
    }
}

/// What of a line is a number; words of letters are passed over, single ones count as 0 to keep the places.
fn numbers(line: &str) -> Vec<f64> {
    line.split_whitespace()
        .filter(|word| !word.starts_with("cpu"))
        .map(|word| word.parse().unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_have_what_is_neither_idle_nor_own() {
        let earlier = Moment {
            all: 1_000.0,
            idle: 500.0,
            own: 10.0,
            load: 2.5,
        };
        let later = Moment {
            all: 1_200.0,
            idle: 550.0,
            own: 60.0,
            load: 9.0,
        };
        let [load, others] = later.since(earlier).unwrap();
        assert_eq!(
            (load["value"].clone(), others["value"].clone()),
            (2.5.into(), 50.0.into())
        );
        assert!(earlier.since(earlier).is_none());
    }

    #[test]
    fn the_places_of_numbers_are_kept() {
        assert_eq!(numbers("cpu  1 2"), [1.0, 2.0]);
        assert_eq!(numbers("S 7 1/3"), [0.0, 7.0, 0.0]);
    }
}
