//! Processes are killed for a while; `cargo xtask torture --kills 500` does it longer.

#![expect(clippy::print_stdout, reason = "it says what was run")]

use std::path::Path;
use std::time::Duration;

use romp_torture::kills::{Until, client, server};
use romp_torture::report::Line;

/// How long each of the two goes on.
const A_WHILE: Until = Until::Passed(Duration::from_secs(25));

#[test]
fn devices_that_are_killed_lose_nothing_they_have_stored() {
    let program = Path::new(env!("CARGO_BIN_EXE_romp-torture"));
    let tally = client::kill_clients(program, A_WHILE, 1);
    println!("{}", Line::of_kills("device", &tally));
    assert_eq!(tally.lost, None);
    assert!(tally.acknowledged > 0);
}

#[test]
fn servers_that_are_killed_lose_nothing_they_have_acknowledged() {
    let program = romp_tests::tools::program("romp-server");
    if !romp_tests::tools::available("kills of the server", &[], std::slice::from_ref(&program)) {
        return;
    }
    let tally = server::kill_servers(&program, A_WHILE, 1);
    println!("{}", Line::of_kills("server", &tally));
    assert_eq!(tally.lost, None);
    assert!(tally.acknowledged > 0);
}
