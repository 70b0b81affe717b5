//! The stamps of a swipe in one column. Fields were mostly set in one go, so they are groups: a byte that says which
//! fields (the bits are those of [`FIELDS`]), the clock (8 bytes), the device (16 bytes).

use romp_domain::row::DELETED;
use romp_domain::{ByName, DeviceId, Hlc};
use romp_sync::Stamp;
use uuid::Uuid;

/// The fields in the order of their columns and bits.
pub(super) const FIELDS: [&str; 6] = [
    "actor_pet",
    "target_pet",
    "verdict",
    "by_child",
    "released",
    DELETED,
];

/// Bytes of a group of stamps.
const GROUP: usize = 1 + 8 + 16;

/// Stamps as they are stored.
pub(super) fn packed(stamps: &ByName<Stamp>) -> Vec<u8> {
    let mut groups: Vec<(u8, Stamp)> = Vec::with_capacity(1);
    for (name, stamp) in stamps {
        let Some(column) = FIELDS.iter().position(|field| name == field) else {
            continue;
        };
        match groups.iter_mut().find(|(_, known)| known == stamp) {
            Some((mask, _)) => *mask |= 1 << column,
            None => groups.push((1 << column, *stamp)),
        }
    }
    let mut bytes = Vec::with_capacity(groups.len() * GROUP);
    for (mask, Stamp(clock, device)) in groups {
        bytes.push(mask);
        bytes.extend_from_slice(&clock.0.to_be_bytes());
        bytes.extend_from_slice(device.0.as_bytes());
    }
    bytes
}

/// What was stored: which fields, and their stamp.
pub(super) fn groups(bytes: &[u8]) -> impl Iterator<Item = (u8, Stamp)> {
    bytes.chunks_exact(GROUP).filter_map(|group| {
        let (mask, rest) = group.split_first()?;
        let (clock, device) = rest.split_first_chunk::<8>()?;
        let device = DeviceId(Uuid::from_slice(device).ok()?);
        Some((*mask, Stamp(Hlc(u64::from_be_bytes(*clock)), device)))
    })
}
