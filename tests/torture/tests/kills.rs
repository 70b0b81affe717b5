//! Processes are killed; `cargo xtask torture --kills 10000` does it longer.

use std::path::Path;

use romp_torture::kills::{client, server};
use romp_torture::report::{Line, tell};

/// How often each of the two is killed. With no loss in so many, fewer than 1 in 166 lose something (3/n, at 95 %).
const KILLS: u32 = 500;

#[test]
fn devices_that_are_killed_lose_nothing_they_have_stored() {
    let program = Path::new(env!("CARGO_BIN_EXE_romp-torture"));
    let tally = client::kill_clients(program, KILLS, 1);
    tell(&Line::of_kills("device", &tally));
    assert_eq!(tally.lost, None);
    assert!(tally.acknowledged > 0);
}

#[test]
fn servers_that_are_killed_lose_nothing_they_have_acknowledged() {
    let program = romp_tests::tools::program("romp-server");
    if !romp_tests::tools::available("kills of the server", &[], std::slice::from_ref(&program)) {
        return;
    }
    let tally = server::kill_servers(&program, KILLS, 1);
    tell(&Line::of_kills("server", &tally));
    assert_eq!(tally.lost, None);
    assert!(tally.acknowledged > 0);
}
