//! What can have been seen while pages are still to come.

mod common;

use common::{Device, acked, made, pet_row, reply};
use romp_domain::wire::SyncReply;

#[test]
fn nobody_has_seen_what_is_on_pages_that_are_still_to_come() {
    let device = Device::new();
    let request = device.request();
    let all = SyncReply {
        rows: vec![pet_row(1, 4, "Rex")],
        cursor: 4,
        ..reply(&request)
    };
    device.absorb(&request, all);
    // It was hidden and shown and hidden again since; the note of that has moved on to the next page.
    let request = device.request();
    let first_page = SyncReply {
        rows: vec![pet_row(2, 50, "Max")],
        cursor: 50,
        more: true,
        ..reply(&request)
    };
    device.absorb(&request, first_page);
    device.name_pet(1, "Still Rex");
    assert_eq!(made(&device.request())[0].base_seq, Some(4));
    let request = device.request();
    let last_page = SyncReply {
        rows: vec![pet_row(1, 100, "Roxy")],
        cursor: 100,
        ..acked(&request, 101)
    };
    device.absorb(&request, last_page);
    device.name_pet(1, "Rex again");
    assert_eq!(made(&device.request())[0].base_seq, Some(100));
}
