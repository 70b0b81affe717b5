//! What both SQL backends write in the same way, so that the same rows mean the same in either.

use std::collections::BTreeMap;

use romp_domain::{ByName, ErrorCode, Problem, Role};
use romp_sync::Stamp;

use super::{Fault, FeedEntry};

/// A number from 0, for a column whose numbers end at 2^63 - 1. What is above is stored as that, and means the same:
/// no clock gets there before the year 6429, and no counter ever.
pub(super) fn bounded(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A stored role. One that this build does not know must not be taken for any that it knows.
pub(super) fn role_of(word: &str) -> Result<Role, Fault> {
    Role::from_word(word).ok_or_else(|| Problem::new(ErrorCode::Internal).into())
}

/// What a job is answered that panicked: the server's fault, not the caller's. The panic hook has said where.
pub(super) fn panicked() -> Fault {
    Fault::Refused(ErrorCode::Internal.into())
}

/// A row's stamps. Most rows were written in one go, so the fields are listed under the stamp they share instead of
/// repeating it: a new pet takes 300 bytes of stamps instead of 1,600.
pub(super) struct Stamps(pub(super) ByName<Stamp>);

/// Stamps as they are stored: fields by what they share.
pub(super) type Grouped<Name> = Vec<(Stamp, Vec<Name>)>;

/// Ready to be stored.
pub(super) fn grouped(stamps: &ByName<Stamp>) -> Grouped<&str> {
    let mut groups: BTreeMap<Stamp, Vec<&str>> = BTreeMap::new();
    for (field, stamp) in stamps {
        groups.entry(*stamp).or_default().push(field.as_str());
    }
    groups.into_iter().collect()
}

impl From<Grouped<String>> for Stamps {
    fn from(groups: Grouped<String>) -> Self {
        let fields = groups
            .into_iter()
            .flat_map(|(stamp, fields)| fields.into_iter().map(move |field| (field, stamp)));
        Self(fields.collect())
    }
}

/// What a page of the feed is, given one entry more than it may have.
pub(super) enum Page {
    /// These.
    Entries(Vec<FeedEntry>),
    /// All of this commit, which alone has more than a page.
    Commit(u64),
}

/// Cuts a page so that no commit is split.
pub(super) fn page(mut entries: Vec<FeedEntry>, limit: usize) -> Page {
    let (first, cut) = (
        entries.first().map(|entry| entry.seq),
        entries.get(limit).map(|entry| entry.seq),
    );
    match cut {
        Some(cut) if first == Some(cut) => return Page::Commit(cut),
        Some(cut) => entries.retain(|entry| entry.seq < cut),
        None => {}
    }
    Page::Entries(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_domain::{DeviceId, Hlc};
    use uuid::Uuid;

    #[test]
    fn stamps_are_stored_by_what_they_share_and_come_back_the_same() {
        let stamp = |hlc| Stamp(Hlc(hlc), DeviceId(Uuid::from_u128(7)));
        let original = ByName::from_iter([("name", stamp(1)), ("energy", stamp(2)), ("breed", stamp(1))]);
        let stored = serde_json::to_string(&grouped(&original)).unwrap();
        assert_eq!(stored.matches("00000007").count(), 2, "{stored}");
        let back = Stamps::from(serde_json::from_str::<Grouped<String>>(&stored).unwrap());
        assert_eq!(back.0, original);
    }
}
