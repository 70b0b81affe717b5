//! What is written into a household's security log, and how much of it: the log is append-only, so whoever could write
//! into it without end would fill the disk, and hide what they did behind it.
//!
//! Each event has so many entries an hour, whatever there is of others. Then one entry says **and more**, and the rest of
//! the hour says nothing. What one owner does has a part of that, and so has what one session met that is switched off:
//! neither hides what others do. Of a person who only waits to belong to the family, that is all there can be.
//!
//! Deliberately absent: any other way to write into the log.

use romp_domain::time::HOUR_MS;
use romp_domain::{AuditEvent, HouseholdId};
use uuid::Uuid;

use crate::db::{AuditRecord, Detail, Fault, Period, Tx};

/// The word of an entry after which there are no more of its kind for a while.
pub(crate) const AND_MORE: &str = "and_more";

/// Entries in an hour about switches that one session met.
const MOST_OF_A_SESSION: u64 = 30;

/// Entries in an hour about one event and one owner: somebody who signs all 64 devices of a family out says so of each.
const MOST_OF_AN_OWNER: u64 = 70;

/// Entries in an hour about an event.
const fn most(event: AuditEvent) -> u64 {
    match event {
        AuditEvent::SignInFailed => 20,
        AuditEvent::SwitchedOff => 8 * MOST_OF_A_SESSION,
        _ => 100,
    }
}

/// Who has a part of a household's entries that is counted apart, and how large that is.
fn part(entry: &AuditRecord) -> Option<(Uuid, u64)> {
    match (entry.event, entry.session, entry.user) {
        (AuditEvent::SwitchedOff, Some(session), _) => Some((session.0, MOST_OF_A_SESSION)),
        // The same work for an address that nobody has: see `accounts::failed`.
        (AuditEvent::SignInFailed, ..) => None,
        (_, _, user) => user.map(|user| (user.0, MOST_OF_AN_OWNER)),
    }
}

/// Writes an entry into a household's log, in the same transaction as what it tells of; unless there are enough like it.
pub(crate) fn note(tx: &mut dyn Tx, household: HouseholdId, entry: &AuditRecord) -> Result<(), Fault> {
    let hour = entry.at.0.div_euclid(HOUR_MS);
    let all = (household.0, most(entry.event));
    let mut more = false;
    for (subject, most) in part(entry).into_iter().chain([all]) {
        match tx.tally(household, entry.event.word(), subject, Period::present(hour), 1)? {
            Some(count) if count > most + 1 => return Ok(()),
            Some(count) => more |= count > most,
            // Of an hour that is over.
            None => {}
        }
    }
    if !more {
        return tx.append_audit(household, entry);
    }
    let detail = entry.detail.clone().and(&Detail::word(AND_MORE));
    tx.append_audit(household, &entry.clone().detail(detail))
}

#[cfg(test)]
mod tests {
    use romp_domain::time::DAY_MS;
    use romp_domain::wire::{ActivityReply, ActivityRequest, LogEntryView};
    use romp_domain::{Role, SessionId, UserId};

    use super::*;
    use crate::accounts::rig::{Rig, pairing};
    use crate::accounts::{activity, create_pairing};
    use crate::db::DbExt;

    fn write(rig: &Rig, household: HouseholdId, entry: &AuditRecord, times: usize) {
        let entry = entry.clone();
        rig.server
            .db
            .write(move |tx| (0..times).try_for_each(|_| note(tx, household, &entry)))
            .unwrap();
    }

    /// All entries about an event, the last one first.
    fn entries(rig: &Rig, household: HouseholdId, event: AuditEvent) -> Vec<AuditRecord> {
        let log = rig.server.db.read(move |tx| tx.audit_of(household, None, 1_000));
        let log = log.unwrap().into_iter().map(|(_, entry)| entry);
        log.filter(|entry| entry.event == event).collect()
    }

    fn says_more(entry: &AuditRecord) -> bool {
        entry.detail.text().ends_with(AND_MORE)
    }

    #[test]
    fn whoever_makes_codes_without_end_fills_no_log_and_hides_nothing_else() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let by = rig.session(&owner.token);
        let made = AuditRecord::of(&by, AuditEvent::PairingCreated, rig.now());
        let made = made.detail(Detail::word(Role::Owner.word()));
        write(&rig, owner.household, &made, 130);
        let codes = entries(&rig, owner.household, AuditEvent::PairingCreated);
        assert_eq!(codes.len(), 71);
        assert!(says_more(&codes[0]) && !codes[1..].iter().any(says_more));
        rig.pass(1);
        rig.paired(&owner, Role::Child, 7);
        assert_eq!(rig.last_entry(owner.household).0, AuditEvent::Paired);
        rig.pass(HOUR_MS);
        create_pairing(&rig.server, &by, &pairing(Role::Owner)).unwrap();
        let codes = entries(&rig, owner.household, AuditEvent::PairingCreated);
        assert_eq!((codes.len(), says_more(&codes[0])), (72, false));
        let page: ActivityReply = activity(&rig.server, &by, ActivityRequest::default()).unwrap();
        let more = |entry: &&LogEntryView| entry.detail == "owner and_more";
        assert_eq!(page.log.iter().filter(more).count(), 1);
    }

    #[test]
    fn what_one_session_meets_again_and_again_hides_nothing_of_another() {
        let rig = Rig::new();
        let household = rig.owner(1).household;
        let met = |n: u128| AuditRecord {
            session: Some(SessionId(Uuid::from_u128(n))),
            ..AuditRecord::new(AuditEvent::SwitchedOff, rig.now())
        };
        write(&rig, household, &met(1), 50);
        write(&rig, household, &met(2), 1);
        let written = entries(&rig, household, AuditEvent::SwitchedOff);
        assert_eq!(written.len(), 32);
        assert_eq!(written[0], met(2));
        assert!(says_more(&written[1]));
        for n in 3..20 {
            write(&rig, household, &met(n), 50);
        }
        let written = entries(&rig, household, AuditEvent::SwitchedOff);
        assert_eq!(written.len() as u64, most(AuditEvent::SwitchedOff) + 1);
    }

    #[test]
    fn row_09_whoever_signs_in_without_end_and_only_waits_hides_no_other_sign_in() {
        let rig = Rig::new();
        let household = rig.owner(1).household;
        let by = |n: u128| AuditRecord {
            user: Some(UserId(Uuid::from_u128(n))),
            ..AuditRecord::new(AuditEvent::SignedIn, rig.now())
        };
        write(&rig, household, &by(1), 500);
        write(&rig, household, &by(2), 1);
        let written = entries(&rig, household, AuditEvent::SignedIn);
        assert_eq!((written.len(), &written[0]), (72, &by(2)));
    }

    #[test]
    fn another_family_has_entries_of_its_own_and_a_clock_that_was_set_back_silences_nobody() {
        let rig = Rig::new();
        let (one, other) = (rig.owner(1).household, rig.owner(2).household);
        let entry = AuditRecord::new(AuditEvent::SignedOut, rig.now());
        write(&rig, one, &entry, 200);
        write(&rig, other, &entry, 1);
        assert_eq!(entries(&rig, other, AuditEvent::SignedOut).len(), 1);
        let before = AuditRecord::new(AuditEvent::SignedOut, rig.now().plus_ms(-DAY_MS));
        write(&rig, one, &before, 1);
        assert_eq!(entries(&rig, one, AuditEvent::SignedOut).len(), 102);
    }
}
