//! Databases of earlier versions, kept as files, open with everything in them.

mod common;

use std::fs;
use std::sync::Arc;

use common::{id, made, pet};
use romp_domain::{Pet, Verdict};
use romp_store::{SeededIds, Store, WallClock};
use romp_sync::Replica;

/// Schema version 1: two pets, one of them changed, both waiting to be sent.
const VERSION_1: &[u8] = include_bytes!("fixtures/v1.db");

#[test]
fn a_version_1_database_keeps_its_rows_and_its_outbox_and_gains_undo() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("romp.db");
    fs::write(&path, VERSION_1).unwrap();
    let store = Store::open(&path, Arc::new(WallClock), &SeededIds::new(9)).unwrap();

    let pets = store.read(|reader| reader.list::<Pet>()).unwrap();
    assert_eq!(pets, [(id(1), pet("Zoë “Zo” O'Malley")), (id(2), pet("Max"))]);
    let request = store.replica(None).next_request().unwrap();
    assert_eq!(
        made(&request).iter().map(|m| m.mid).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(
        store.device().unwrap().to_string(),
        "01a0c450-6c00-710a-adec-89025cc1beeb"
    );

    let (actor, target) = (romp_domain::PetId(id(1)), romp_domain::PetId(id(7)));
    store
        .write(|writer| writer.log_swipe(actor, target, Verdict::Yes, None, None))
        .unwrap();
    assert_eq!(store.read(|reader| reader.swipes_made(actor)).unwrap().len(), 1);
    drop(store);
    assert!(
        Store::open(&path, Arc::new(WallClock), &SeededIds::new(9)).is_ok(),
        "and opens again"
    );
}
