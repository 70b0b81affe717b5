//! A wrong password, in the security log.

use romp_domain::{AuditEvent, UtcMs};

use crate::audit;
use crate::db::{AuditRecord, Fault, NOBODY, Tx, UserRecord};

/// Writes down that somebody tried to sign in as `user`. For an address that nobody has, the same is written about
/// nobody: otherwise the time that the answer takes would tell which addresses exist.
pub(super) fn note_failed_sign_in(
    tx: &mut dyn Tx,
    user: Option<&UserRecord>,
    now: UtcMs,
) -> Result<(), Fault> {
    let household = user.map_or(NOBODY, |user| user.household);
    let entry = AuditRecord {
        user: user.map(|user| user.id),
        ..AuditRecord::new(AuditEvent::SignInFailed, now)
    };
    // Counted, and therefore written, also when there is no entry any more.
    audit::note(tx, household, &entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::rig::{HERE, Rig, sign_in_request, typed};
    use crate::accounts::sign_in;
    use crate::db::DbExt;
    use romp_domain::HouseholdId;
    use romp_domain::wire::SignInRequest;

    fn entries(rig: &Rig, household: HouseholdId) -> Vec<AuditRecord> {
        let found = rig
            .server
            .db
            .read(move |tx| tx.audit_of(household, None, 100))
            .unwrap();
        let failed = |record: &AuditRecord| record.event == AuditEvent::SignInFailed;
        found
            .into_iter()
            .map(|(_, record)| record)
            .filter(failed)
            .collect()
    }

    fn guess(rig: &Rig, n: u128) {
        let request = SignInRequest {
            password: typed("not the password"),
            ..sign_in_request(n, n)
        };
        sign_in(&rig.server, HERE, request).unwrap_err();
    }

    #[test]
    fn a_wrong_password_is_in_the_family_s_log_and_an_unknown_address_in_nobody_s() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        guess(&rig, 1);
        guess(&rig, 2);
        let own = entries(&rig, owner.household);
        assert_eq!(own.len(), 1);
        assert!(own[0].user.is_some() && own[0].session.is_none());
        let nobodys = entries(&rig, NOBODY);
        assert_eq!(nobodys.len(), 1);
        assert_eq!(nobodys[0].user, None);
    }

    #[test]
    fn whoever_goes_on_guessing_fills_no_disk() {
        let rig = Rig::new();
        let household = rig.owner(1).household;
        let user = rig
            .server
            .db
            .read(|tx| tx.user_by_email(&sign_in_request(1, 1).email))
            .unwrap()
            .unwrap();
        let now = rig.now();
        rig.server
            .db
            .write(move |tx| (0..100).try_for_each(|_| note_failed_sign_in(tx, Some(&user), now)))
            .unwrap();
        assert_eq!(
            entries(&rig, household).len(),
            21,
            "the last one says that there was more"
        );
    }
}
