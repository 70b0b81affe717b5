//! Rows: what a server judges of a patch, and a device reads of a row.

use romp_domain::entity::{canonical_patch, check_row};
use romp_domain::{
    Block, Card, Child, DateException, Entity, Fields, Household, Kind, Matched, Pet, Playdate, Swipe,
    Switch, WeeklySlot,
};

/// The first byte says the kind; the rest is JSON.
fn split(data: &[u8]) -> Option<(Kind, Fields)> {
    let (first, rest) = data.split_first()?;
    let kind = *Kind::ALL.get(usize::from(first.checked_sub(b'a')?))?;
    Some((kind, serde_json::from_slice(rest).ok()?))
}

/// A patch, judged field by field.
pub(crate) fn patch(data: &[u8]) -> bool {
    let Some((kind, fields)) = split(data) else {
        return false;
    };
    let Ok(canonical) = canonical_patch(kind, &fields) else {
        return false;
    };
    assert!(
        canonical.0.keys().all(|name| fields.0.contains_key(name)),
        "nothing is set that was not sent"
    );
    assert_eq!(
        canonical_patch(kind, &canonical).as_ref(),
        Ok(&canonical),
        "judging twice is judging once"
    );
    true
}

/// A whole row, strictly and leniently.
pub(crate) fn row(data: &[u8]) -> bool {
    let Some((kind, fields)) = split(data) else {
        return false;
    };
    let strict = check_row(kind, &fields).is_ok();
    let known = match kind {
        Kind::Household => lenient::<Household>(&fields),
        Kind::Child => lenient::<Child>(&fields),
        Kind::Pet => lenient::<Pet>(&fields),
        Kind::Slot => lenient::<WeeklySlot>(&fields),
        Kind::Exception => lenient::<DateException>(&fields),
        Kind::Swipe => lenient::<Swipe>(&fields),
        Kind::Card => lenient::<Card>(&fields),
        Kind::Match => lenient::<Matched>(&fields),
        Kind::Playdate => lenient::<Playdate>(&fields),
        Kind::Switch => lenient::<Switch>(&fields),
        Kind::Block => lenient::<Block>(&fields),
    };
    assert!(!strict || known, "what is valid can be read");
    known
}

/// Reads what this build knows of a row. What it read, it reads again.
fn lenient<E: Entity>(fields: &Fields) -> bool {
    let Some(known) = E::read_known(fields) else {
        return false;
    };
    let written = known.to_fields();
    let again = E::read_known(&written).map(|again| again.to_fields());
    assert_eq!(
        again,
        Some(written),
        "what was read can be written and read again"
    );
    true
}
