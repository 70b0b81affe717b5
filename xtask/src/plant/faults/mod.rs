//! The faults, by what they break, and the parts of the tests that should find them.
//!
//! Each is something that a person could write by mistake and that would harm a family: a check that is left out, a
//! `>` for a `>=`, a number taken too early. One that does no harm has no place here.

mod again;
mod apart;
mod besides;
mod database;
mod device;
mod gate;
mod lost;
mod meeting;
mod protocol;
mod rights;
mod server;
mod switches;
mod waiting;

use super::fault::Fault;

const POLICY: &str = "romp-domain --lib -- policy swipe";
const PROTOCOL: &str = "romp-sync --lib -- chain clock digest merge overlay plan";
const STORE: &str = "romp-store --lib --test editing --test exchanging --test healing --test histories --test newer --test waiting";
const PARKING: &str = "romp-store --test parking --test yet_to_come";
const SYNC: &str = "romp-server --lib -- sync::tests:: sync::playdates";
const DATABASE: &str = "romp-server --lib -- db::sqlite db::stored";
const ACCOUNTS: &str = "romp-server --lib -- accounts:: throttle secrets";
const GATEWAY: &str = "romp-server --lib -- gateway routes pokes";
const OWNERS: &str = "romp-server --lib -- owners:: accounts:: mail";
const GATE: &str = "romp-app --lib -- gate::";
const APP: &str = "romp-app --lib -- background switches pace";
const BLOCKS: &str = "romp-app --lib -- blocks:: exports::";
const UNDO: &str = "romp-app --lib -- deck::undo";
const PAIRING: &str = "romp-domain --lib -- pairing";
const CHILDREN: &str = "romp-app --lib -- children:: wipe::";
const POSTGRESQL: &str = "romp-server --lib -- db::postgres";
const SIMULATION: &str = "romp-simulation --test seeds -- whatever";
const MATCHING: &str = "romp-matching --lib";
const DEVICE_POWER_CUTS: &str = "romp-torture --test sweeps -- not_synced::a_device_loses";
const SERVER_POWER_CUTS: &str = "romp-torture --test sweeps -- not_synced::a_server_loses";
const POWER_CUTS_AND_FOLDERS: &str = "romp-torture --test folders";

/// All faults.
pub(super) fn all() -> impl Iterator<Item = &'static Fault> {
    [
        rights::FAULTS,
        protocol::FAULTS,
        device::FAULTS,
        gate::FAULTS,
        database::FAULTS,
        server::FAULTS,
        lost::FAULTS,
        meeting::FAULTS,
        switches::FAULTS,
        apart::FAULTS,
        again::FAULTS,
        besides::FAULTS,
        waiting::FAULTS,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;
    use crate::place;

    #[test]
    fn every_text_is_in_its_file_exactly_once_and_differs_from_the_fault() {
        let is_stale = |fault: &&Fault| {
            fault.edits.is_empty()
                || fault.stages.is_empty()
                || fault.edits.iter().any(|edit| {
                    let text = fs::read_to_string(place::root().join(edit.file)).unwrap_or_default();
                    edit.planted(&text).is_none_or(|planted| planted == text)
                })
        };
        let stale: Vec<&str> = all().filter(is_stale).map(|fault| fault.name).collect();
        assert!(stale.is_empty(), "stale: {stale:?}");
    }

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = all().map(|fault| fault.name).collect();
        assert_eq!(names.len(), all().count());
    }
}
