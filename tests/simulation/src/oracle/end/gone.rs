//! What is left of families that deleted their accounts.

use std::path::Path;

use crate::host::beside;
use crate::oracle::{Violation, broken};
use crate::privacy::{owners_only, private};
use crate::wire::hosted;
use crate::world::World;

/// Whether a file, or the log beside it, contains a text anywhere.
fn contains(path: &Path, text: &str) -> bool {
    ["", "-wal"].iter().any(|ending| {
        let bytes = std::fs::read(beside(path, ending)).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

impl World {
    /// No byte of what only the family could know, on the server and on all devices that could be told.
    pub(super) fn nothing_is_left_of_the_deleted(&mut self) -> Result<(), Violation> {
        // What a disk kept from being rewritten is rewritten at the next start.
        for seat in 0..self.places.len() {
            if self.gone.contains(&self.places[seat].seat.family) && !self.out_of_reach.contains(&seat) {
                self.kill_device(seat)?;
            }
        }
        for family in self.gone.clone() {
            for text in [private(family), owners_only(family)] {
                if contains(hosted(&self.host).path(), &text) {
                    return broken("10", format!("the server's files contain {text}"));
                }
                for (seat, place) in self.places.iter().enumerate() {
                    if !self.out_of_reach.contains(&seat) && contains(&place.device.database(), &text) {
                        return broken("10", format!("{}'s files contain {text}", place.seat.name));
                    }
                }
            }
            self.fault("deleted family looked for");
        }
        Ok(())
    }
}
