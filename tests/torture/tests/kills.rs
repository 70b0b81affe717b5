//! x
use romp_torture::kills::{Until, client, server};
use std::path::Path;
#[test]
fn clients() {
    let t = client::kill_clients(Path::new(env!("CARGO_BIN_EXE_romp-torture")), Until::Kills(30), 1);
    println!("{t:?}");
    assert_eq!(t.lost, None);
}
#[test]
fn servers() {
    let t = server::kill_servers(&romp_tests::tools::program("romp-server"), Until::Kills(30), 1);
    println!("{t:?}");
    assert_eq!(t.lost, None);
}
