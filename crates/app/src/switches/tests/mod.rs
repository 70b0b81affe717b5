//! What is switched off is refused, waits where it was made, and is sent when that is over.
//!
//! Files: `refused` (what a device refuses by itself), `waiting` (what the server refuses), `enough` (cards of the day and
//! finished decks). Here is what they have in common.

mod enough;
mod refused;
mod waiting;

use romp_domain::calls::SwitchSave;
use romp_domain::policy::Operation;
use romp_domain::switch::SwitchScope;
use romp_domain::text::Remark;
use romp_domain::{Entity, PetId, Problem, Switch, UtcMs};
use uuid::Uuid;

use crate::testing::Device;

const COMMENT: &str = "Good night, sleep well!";

fn off(scope: SwitchScope, operations: &[Operation], ends_at: Option<UtcMs>) -> SwitchSave {
    SwitchSave {
        id: None,
        scope,
        operations: operations.iter().copied().collect(),
        comment: Remark::new(COMMENT).unwrap(),
        starts_at: None,
        ends_at,
        hours: None,
    }
}

fn now(device: &Device) -> UtcMs {
    device.app.now()
}

/// A device with a pet and three cards.
async fn with_deck() -> (Device, PetId, [PetId; 3]) {
    let device = Device::registered().await;
    let rex = device.add_pet("Rex").await;
    let cards = device.deal(rex, ["Bella", "Zoë", "Max"]).await;
    (device, rex, cards)
}

/// What the server tells a child's device.
fn told(device: &Device, n: u128, scope: SwitchScope, ends_at: Option<UtcMs>) -> Switch {
    let switch = Switch {
        scope,
        comment: Remark::new(COMMENT).unwrap(),
        ends_at,
        ..Switch::example()
    };
    device.server.put(Uuid::from_u128(n), &switch);
    switch
}

fn waiting(device: &Device) -> (u32, u32) {
    let read = device
        .app
        .store
        .read(|reader| Ok::<_, Problem>((reader.parked_count()?, reader.pending()?.count)));
    read.unwrap()
}
