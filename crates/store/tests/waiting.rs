//! What was acknowledged but not pulled yet, and what was refused but not read yet, is neither covered nor forgotten.

mod common;

use common::{Device, acked, pet_row, rejected, reply};
use romp_domain::wire::SyncReply;
use romp_domain::{ErrorCode, Problem};

const MONTH_MS: i64 = 31 * 86_400_000;

/// A device whose pet is called Max since commit 3, of which it has pulled nothing.
fn acknowledged() -> Device {
    let device = Device::new();
    device.name_pet(1, "Max");
    let request = device.request();
    let answer = SyncReply {
        more: true,
        ..acked(&request, 3)
    };
    device.absorb(&request, answer);
    assert_eq!((device.pending(), device.cursor()), (0, 0));
    device
}

/// Pulls commit 2, in which the pet had another name.
fn pull_what_was_before(device: &Device) {
    let request = device.request();
    let page = SyncReply {
        rows: vec![pet_row(1, 2, "Old")],
        cursor: 2,
        more: true,
        ..reply(&request)
    };
    device.absorb(&request, page);
    assert_eq!(device.cursor(), 2);
}

#[test]
fn a_page_from_before_an_acknowledged_edit_does_not_cover_it() {
    let device = acknowledged();
    pull_what_was_before(&device);
    assert_eq!(device.name_of(1).as_deref(), Some("Max"));
}

#[test]
fn an_acknowledged_edit_is_not_forgotten_before_it_is_pulled() {
    let device = acknowledged();
    device.clock.advance_ms(MONTH_MS);
    device.quiet_exchange();
    pull_what_was_before(&device);
    assert_eq!(device.name_of(1).as_deref(), Some("Max"));
}

#[test]
fn a_refusal_is_not_forgotten_before_it_is_read() {
    let device = Device::new();
    device.name_pet(1, "Max");
    let request = device.request();
    let answer = SyncReply {
        results: vec![rejected(1, Problem::new(ErrorCode::Forbidden))],
        ack_mid: 1,
        ..reply(&request)
    };
    device.absorb(&request, answer);
    device.clock.advance_ms(MONTH_MS);
    device.quiet_exchange();
    assert_eq!(device.refused(), [1]);
}
