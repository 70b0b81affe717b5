//! What happened to the household's account, and what its sessions called: for its owners.

use romp_domain::Problem;
use romp_domain::wire::{ActivityReply, ActivityRequest, CallCountView, LogEntryView};

use super::live_session;
use super::sessions::Names;
use crate::db::{DbExt, SessionRecord};
use crate::server::Server;

/// Entries of the security log on one page.
const PAGE: usize = 100;

/// Most counts that are told: those of the last days.
const MOST_COUNTS: usize = 2_000;

/// A page of the security log; with the first one, what was called.
///
/// # Errors
/// `NotSignedIn`.
pub fn activity(
    server: &Server,
    session: &SessionRecord,
    request: ActivityRequest,
) -> Result<ActivityReply, Problem> {
    let token = session.token;
    let page = server.db.read(move |tx| {
        let household = live_session(tx, &token)?.household;
        let names = Names::of(tx, household)?;
        let found = tx.audit_of(household, request.before, PAGE)?;
        let more = found.len() == PAGE;
        let before = found.last().map(|(number, _)| *number).filter(|_| more);
        let log = found.into_iter().map(|(_, record)| LogEntryView {
            at: record.at,
            event: record.event,
            session: record.session,
            device: record.session.and_then(|session| names.device(session)),
            owner: record.user.and_then(|user| names.owner(user)),
            detail: record.detail.text().to_owned(),
        });
        let log = log.collect();
        let calls = match request.before {
            None => tx.calls_of(household, request.session, MOST_COUNTS)?,
            Some(_) => Vec::new(),
        };
        let calls = calls.into_iter().map(|counted| CallCountView {
            day: counted.day,
            session: counted.session,
            device: names.device(counted.session),
            what: counted.what,
            outcome: counted.outcome,
            count: counted.count,
        });
        Ok(ActivityReply {
            log,
            before,
            calls: calls.collect(),
        })
    })?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::rig::Rig;
    use crate::db::AuditRecord;
    use romp_domain::{AuditEvent, Role};

    #[test]
    fn an_owner_reads_the_own_household_s_log_page_by_page() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        rig.owner(2);
        let tablet = rig.paired(&owner, Role::Child, 50);
        let household = owner.household;
        let now = rig.now();
        let switched = AuditRecord::new(AuditEvent::SwitchSet, now);
        rig.server
            .db
            .write(move |tx| (0..PAGE).try_for_each(|_| tx.append_audit(household, &switched)))
            .unwrap();
        let session = rig.session(&owner.token);
        let first = activity(&rig.server, &session, ActivityRequest::default()).unwrap();
        assert!(first.log.iter().all(|entry| entry.event == AuditEvent::SwitchSet));
        assert_eq!(first.log.len(), PAGE);
        let next = ActivityRequest {
            before: first.before,
            ..ActivityRequest::default()
        };
        let second = activity(&rig.server, &session, next).unwrap();
        let events: Vec<_> = second.log.iter().map(|entry| entry.event).collect();
        assert_eq!(
            events,
            [
                AuditEvent::Paired,
                AuditEvent::PairingCreated,
                AuditEvent::Registered
            ]
        );
        assert_eq!(second.before, None);
        let paired = &second.log[0];
        assert_eq!(paired.session, Some(tablet.session));
        assert_eq!(paired.device.as_ref().unwrap().as_str(), "Kitchen tablet");
        assert_eq!((paired.detail.as_str(), &paired.owner), ("child", &None));
        assert_eq!(second.log[2].owner.as_ref().unwrap().as_str(), "Ann");
    }
}
