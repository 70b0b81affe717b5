//! What is left of families that deleted their accounts, and of what a server had that lost its database.

use std::path::Path;

use romp_domain::Kind;

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

    /// Counts which rows of a server that lost its database were entered again by the devices. Rows that only a
    /// device knew that is not there any more cannot.
    pub(super) fn count_what_came_back(&mut self) {
        for key in std::mem::take(&mut self.wiped) {
            if self.model.heads.contains_key(&key.0) {
                let back = self.model.rows.contains_key(&key);
                let mut observers = self.places.iter().map(|place| &place.device.observer);
                let refused = !back && observers.any(|all| all.was_refused(key.1, key.2));
                self.fault(match (key.1, back, refused) {
                    (_, true, _) => "row back after the server lost all",
                    (Kind::Swipe, false, true) => "swipe sent again and refused after the server lost all",
                    (Kind::Swipe, false, false) => "swipe not sent again after the server lost all",
                    (_, false, true) => "row sent again and refused after the server lost all",
                    (_, false, false) => "row not sent again after the server lost all",
                });
            }
        }
    }
}
