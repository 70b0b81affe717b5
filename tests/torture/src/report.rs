//! What was done, as a table.

use std::fmt;
use std::io::Write;
use std::time::Duration;

use crate::{kills, sweep};

/// One line of it.
#[derive(Debug, Clone)]
pub struct Line {
    what: String,
    how_many: String,
    lost: Option<String>,
    took: Duration,
}

impl Line {
    /// A sweep's.
    pub fn of_sweep(patient: &str, mode: sweep::Mode, stride: u64, tally: &sweep::Tally) -> Self {
        let calls = match stride {
            1 => format!("all {} calls", tally.calls),
            stride => format!("one call in {stride}"),
        };
        Self {
            what: format!("{patient}: {}", mode.name()),
            how_many: format!(
                "{} operations, {calls}: {} faults, {} told, {} of these had happened, {} looks",
                tally.operations, tally.faults, tally.told, tally.happened, tally.looks
            ),
            lost: tally.lost.clone(),
            took: tally.took,
        }
    }

    /// A loop of kills'.
    pub fn of_kills(process: &str, tally: &kills::Tally) -> Self {
        Self {
            what: format!("{process}: killed"),
            how_many: format!(
                "{} kills, {} acknowledged writes",
                tally.kills, tally.acknowledged
            ),
            lost: tally.lost.clone(),
            took: tally.took,
        }
    }

    /// Whether something was lost, or not as it should be.
    pub const fn is_bad(&self) -> bool {
        self.lost.is_some()
    }
}

/// Says a line past the test runner's capture: what was done is worth knowing when nothing was lost, too.
pub fn tell(line: &Line) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost = u8::from(self.lost.is_some());
        let seconds = self.took.as_secs_f64();
        write!(
            f,
            "{:<36} {:<112} {lost} lost {seconds:>8.1} s",
            self.what, self.how_many
        )?;
        match &self.lost {
            Some(wrong) => write!(f, "\n    {wrong}"),
            None => Ok(()),
        }
    }
}
