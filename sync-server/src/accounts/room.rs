//! How many devices of a household are signed in at once, and what is kept of those that were.
//!
//! **Joining with a code is refused where there are too many**, when the code is made and when it is used: a code
//! that is made must not throw the family's tablets out. **Signing in with a
//! password is never refused**: whoever does it may have come to throw others out. Then the longest unused one of that
//! owner's own sessions ends, or of those of the owners' devices that they answer for. A child's tablet never ends so:
//! what it holds would go with it.
//!
//! Whoever only waits to belong to the family has one session, which takes no room of the family's and ends with the
//! next one; nothing that has ended of theirs is kept, and no device of anybody else's becomes theirs.

use std::cmp::Reverse;

use romp_domain::audit::KEPT_DAYS;
use romp_domain::time::DAY_MS;
use romp_domain::{AuditEvent, ErrorCode, HouseholdId, Problem, Role, SessionId, UserId, UtcMs};

use super::{end, has_expired};
use crate::db::{AuditRecord, Detail, DeviceRecord, Fault, SessionRecord, Tx, UserRecord};
use crate::sync::forget_habits;

/// Most devices of a household that are signed in; each owner can bring one more. Far above any family.
pub(crate) const MOST_LIVE: usize = 64;

/// Most sessions of a household that are kept after they have ended: the log says by name what they did.
pub(crate) const MOST_ENDED: usize = 128;

/// What a code is told, and whoever makes one.
const FULL: &str =
    "64 devices are signed in already. Please sign one of them out first, on the page with all devices.";

/// Refuses another device that joins with a code, where there is no room for it.
pub(super) fn has_room(tx: &mut dyn Tx, household: HouseholdId, now: UtcMs) -> Result<(), Fault> {
    let sessions = tx.sessions_of(household)?;
    let live = sessions.iter().filter(|session| takes_room(session, now)).count();
    if live < MOST_LIVE {
        Ok(())
    } else {
        Err(Problem::saying(ErrorCode::TooLarge, FULL).into())
    }
}

const fn is_ended(session: &SessionRecord) -> bool {
    session.ended_at.is_some()
}

fn is_live(session: &SessionRecord, now: UtcMs) -> bool {
    !is_ended(session) && !has_expired(session, now)
}

fn takes_room(session: &SessionRecord, now: UtcMs) -> bool {
    is_live(session, now) && !session.waiting
}

/// Who comes with a new session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Newcomer {
    /// A device that joins with a code.
    Device,
    /// An owner who signs in.
    Owner(UserId),
    /// Somebody who signs in, and whom no owner has confirmed yet.
    Waiting(UserId),
}

impl Newcomer {
    /// Whoever signs in; nobody does where a device joins with a code.
    pub(super) fn of(tx: &mut dyn Tx, user: Option<UserId>) -> Result<Self, Fault> {
        let Some(id) = user else {
            return Ok(Self::Device);
        };
        let waits = |user: UserRecord| user.confirmed_at.is_none();
        Ok(if tx.user(id)?.is_some_and(waits) {
            Self::Waiting(id)
        } else {
            Self::Owner(id)
        })
    }

    /// Whether a device that the family has may be used: its session ends by that. A code ends none that somebody signed
    /// in on, and whoever waits ends only their own.
    pub(super) fn may_use(self, tx: &mut dyn Tx, device: &DeviceRecord, now: UtcMs) -> Result<bool, Fault> {
        let mut sessions = tx.sessions_of(device.household)?.into_iter();
        let last = |session: &SessionRecord| Some(session.id) == device.session;
        Ok(match self {
            Self::Owner(_) => true,
            Self::Waiting(user) => sessions.any(|session| last(&session) && session.user == Some(user)),
            Self::Device => !sessions.any(|session| {
                let of_device = session.device == device.id || last(&session);
                of_device && session.user.is_some() && is_live(&session, now)
            }),
        })
    }
}

/// Makes room for a session, and forgets what nobody asks about any more.
pub(super) fn make(tx: &mut dyn Tx, household: HouseholdId, who: Newcomer, now: UtcMs) -> Result<(), Fault> {
    for old in tx.sessions_of(household)? {
        if has_expired(&old, now) {
            end(tx, &old, &AuditRecord::of(&old, AuditEvent::SessionExpired, now))?;
        }
    }
    match who {
        Newcomer::Device => has_room(tx, household, now)?,
        Newcomer::Owner(user) => end_longest_unused(tx, household, user, now)?,
        Newcomer::Waiting(user) => end_all(tx, household, user, now)?,
    }
    let mut ended = tx.sessions_of(household)?;
    ended.retain(is_ended);
    for old in surplus(ended, now) {
        tx.forget_session(old)?;
        forget_habits(tx, household, old)?;
    }
    Ok(())
}

fn end_longest_unused(
    tx: &mut dyn Tx,
    household: HouseholdId,
    user: UserId,
    now: UtcMs,
) -> Result<(), Fault> {
    let mut live = tx.sessions_of(household)?;
    live.retain(|session| takes_room(session, now));
    if live.len() < MOST_LIVE {
        return Ok(());
    }
    let own = |session: &&SessionRecord| {
        session.role == Role::Owner && session.user.or(session.by_user) == Some(user)
    };
    let unused = live
        .iter()
        .filter(own)
        .min_by_key(|session| (session.used_at, session.id));
    if let Some(unused) = unused {
        let entry = AuditRecord::of(unused, AuditEvent::SessionRevoked, now);
        end(tx, unused, &entry.detail(Detail::word("too_many")))?;
    }
    Ok(())
}

fn end_all(tx: &mut dyn Tx, household: HouseholdId, user: UserId, now: UtcMs) -> Result<(), Fault> {
    for old in tx.sessions_of(household)? {
        if old.user == Some(user) {
            let entry = AuditRecord::of(&old, AuditEvent::SessionRevoked, now);
            end(tx, &old, &entry.detail(Detail::word("waiting")))?;
        }
    }
    Ok(())
}

/// The ended sessions that are not kept, those that ended first foremost: beyond the newest, those of which no entry
/// of the log is left, and all of those who only wait.
fn surplus(mut ended: Vec<SessionRecord>, now: UtcMs) -> Vec<SessionId> {
    ended.sort_by_key(|session| (session.waiting, Reverse((session.ended_at, session.id))));
    let gone_from_log = now.plus_ms(-KEPT_DAYS * DAY_MS);
    let mut surplus: Vec<_> = ended
        .into_iter()
        .enumerate()
        .filter(|(n, session)| *n >= MOST_ENDED || session.waiting || session.ended_at < Some(gone_from_log))
        .map(|(_, session)| session.id)
        .collect();
    surplus.reverse();
    surplus
}

#[cfg(test)]
mod tests {
    use romp_domain::time::MINUTE_MS;
    use romp_domain::wire::{
        ActivityRequest, InviteOwnerRequest, JoinAsOwnerRequest, PairRequest, SessionReply,
    };

    use super::*;
    use crate::accounts::rig::{HERE, PASSWORD, Rig, device, pairing, sign_in_request};
    use crate::accounts::{IDLE_MS, activity, create_pairing, pair, sign_in, sign_out};
    use crate::db::DbExt;
    use crate::owners::{invite_owner, join_as_owner};

    fn sessions(rig: &Rig, household: HouseholdId) -> Vec<SessionRecord> {
        rig.server.db.read(move |tx| tx.sessions_of(household)).unwrap()
    }

    fn live(rig: &Rig, household: HouseholdId) -> Vec<SessionRecord> {
        let mut all = sessions(rig, household);
        all.retain(|session| is_live(session, rig.now()));
        all
    }

    #[test]
    fn whoever_fills_the_house_with_codes_throws_nobody_out() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let tablet = rig.paired(&owner, Role::Child, 2);
        let by = rig.session(&owner.token);
        let asking = &pairing(Role::Child);
        let codes = [(); 2].map(|()| create_pairing(&rig.server, &by, asking).unwrap().code);
        for n in 3..MOST_LIVE as u128 {
            let role = if n % 2 == 0 { Role::Child } else { Role::Owner };
            rig.pass(MINUTE_MS);
            rig.paired(&owner, role, n);
        }
        assert_eq!(live(&rig, owner.household).len(), MOST_LIVE - 1);
        // The codes that the last ones took the place of do not work any more, so a new one is made.
        drop(codes);
        let code = create_pairing(&rig.server, &by, asking).unwrap().code;
        let with = |n| PairRequest {
            code: code.clone(),
            device: device(n),
        };
        rig.paired(&owner, Role::Child, 100);
        let refused = pair(&rig.server, HERE, with(101)).unwrap_err();
        assert_eq!(
            (refused.code, refused.message.as_str()),
            (ErrorCode::TooLarge, FULL)
        );
        let refused = create_pairing(&rig.server, &by, asking).unwrap_err();
        assert_eq!(refused.message, FULL);

        // Whoever has the password comes in, however full it is; and no tablet goes for that.
        rig.pass(1);
        let desk = sign_in(&rig.server, HERE, sign_in_request(1, 102)).unwrap();
        assert!(rig.session(&tablet.token).ended_at.is_none());
        assert_eq!(live(&rig, owner.household).len(), MOST_LIVE);
        sign_out(&rig.server, &rig.session(&tablet.token)).unwrap();
        // Now there is room for one; but not with a code from before, for a session ended that could have made it.
        let late = pair(&rig.server, HERE, with(101)).unwrap_err();
        assert_eq!(late.code, ErrorCode::CodeInvalid);
        rig.paired(&desk, Role::Child, 101);
    }

    #[test]
    fn of_an_owner_who_signs_in_again_and_again_the_longest_unused_session_ends() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let tablet = rig.paired(&owner, Role::Child, 2);
        for n in 10..10 + 2 * MOST_LIVE as u128 {
            rig.pass(15 * MINUTE_MS);
            sign_in(&rig.server, HERE, sign_in_request(1, n)).unwrap();
        }
        let live = live(&rig, owner.household);
        assert_eq!(live.len(), MOST_LIVE);
        assert!(rig.session(&tablet.token).ended_at.is_none());
        assert!(rig.session(&owner.token).ended_at.is_some());
        let newest = live.iter().map(|session| session.created_at).max();
        assert_eq!(newest, Some(rig.now()));
    }

    #[test]
    fn of_sessions_that_have_ended_the_newest_are_kept_with_their_names_and_nothing_of_the_others() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let household = owner.household;
        let mut ended = Vec::new();
        for n in 10..12 + MOST_ENDED as u128 {
            rig.pass(15 * MINUTE_MS);
            let session = sign_in(&rig.server, HERE, sign_in_request(1, n)).unwrap();
            sign_out(&rig.server, &rig.session(&session.token)).unwrap();
            ended.push(session.session);
        }
        sign_in(&rig.server, HERE, sign_in_request(1, 5_000)).unwrap();
        let kept: Vec<_> = sessions(&rig, household)
            .iter()
            .map(|session| session.id)
            .collect();
        assert_eq!(kept.len(), MOST_ENDED + 2);
        assert!(!kept.contains(&ended[0]) && !kept.contains(&ended[1]) && kept.contains(&ended[2]));
        let devices = rig.server.db.read(move |tx| tx.devices(household)).unwrap();
        assert_eq!(devices.len(), MOST_ENDED + 2);
        let by = sign_in(&rig.server, HERE, sign_in_request(1, 5_001)).unwrap();
        let seen = activity(&rig.server, &rig.session(&by.token), ActivityRequest::default()).unwrap();
        assert!(seen.log.iter().all(|entry| entry.device.is_some()));

        // After a year, when the log does not speak of them any more.
        rig.pass(KEPT_DAYS * DAY_MS + 1);
        sign_in(&rig.server, HERE, sign_in_request(1, 5_002)).unwrap();
        let left = sessions(&rig, household);
        assert!(!left.iter().any(|session| ended.contains(&session.id)));
        assert_eq!(
            live(&rig, household).len(),
            1,
            "the others were not used for too long"
        );
    }

    /// Somebody who was invited by the owner and only waits, on device `n`.
    fn waits(rig: &Rig, owner: &SessionReply, n: u128) -> SessionReply {
        let by = rig.session(&owner.token);
        let invited = invite_owner(&rig.server, &by, InviteOwnerRequest { email: None }).unwrap();
        let request = JoinAsOwnerRequest {
            code: invited.code,
            email: sign_in_request(9, 9).email,
            password: romp_domain::text::Password::new(PASSWORD.into()).unwrap(),
            name: romp_domain::text::PersonName::new("Ben").unwrap(),
            device: device(n),
        };
        join_as_owner(&rig.server, HERE, request).unwrap()
    }

    #[test]
    fn row_09_whoever_waits_has_one_session_and_takes_no_room_of_the_family() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let mut stranger = waits(&rig, &owner, 900);
        let desk = sign_in(&rig.server, HERE, sign_in_request(1, 3)).unwrap();
        sign_out(&rig.server, &rig.session(&desk.token)).unwrap();
        for n in 901..901 + 2 * MOST_ENDED as u128 {
            rig.pass(15 * MINUTE_MS);
            let next = sign_in(&rig.server, HERE, sign_in_request(9, n)).unwrap();
            assert_eq!(live(&rig, owner.household).len(), 2);
            assert_ne!(next.session, stranger.session);
            stranger = next;
        }
        let kept = sessions(&rig, owner.household);
        assert!(
            kept.iter().any(|session| session.id == desk.session),
            "nothing of the family's is forgotten for them"
        );
        assert_eq!(kept.len(), 3);
        for n in 10..9 + MOST_LIVE as u128 {
            rig.pass(MINUTE_MS);
            rig.paired(&owner, Role::Child, n);
        }
        assert_eq!(live(&rig, owner.household).len(), MOST_LIVE + 1);
    }

    #[test]
    fn row_09_whoever_waits_takes_no_device_of_anybody_else_over() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let tablet = rig.paired(&owner, Role::Child, 2);
        waits(&rig, &owner, 900);
        for n in [1, 2] {
            let refused = sign_in(&rig.server, HERE, sign_in_request(9, n)).unwrap_err();
            assert_eq!(refused.code, ErrorCode::DeviceTaken);
        }
        assert!(
            rig.session(&owner.token).ended_at.is_none() && rig.session(&tablet.token).ended_at.is_none()
        );
        sign_in(&rig.server, HERE, sign_in_request(9, 900)).unwrap();
        // Whoever belongs to the family may.
        sign_in(&rig.server, HERE, sign_in_request(1, 2)).unwrap();
    }

    #[test]
    fn sessions_that_are_too_old_take_no_room_and_their_end_is_in_the_log() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        for n in 3..MOST_LIVE as u128 + 2 {
            rig.pass(MINUTE_MS);
            rig.paired(&owner, Role::Child, n);
        }
        rig.pass(IDLE_MS);
        let again = sign_in(&rig.server, HERE, sign_in_request(1, 1)).unwrap();
        assert_eq!(live(&rig, owner.household).len(), 1);
        rig.paired(&again, Role::Child, 3);
        let seen = activity(
            &rig.server,
            &rig.session(&again.token),
            ActivityRequest::default(),
        )
        .unwrap();
        let expired = seen
            .log
            .iter()
            .filter(|entry| entry.event == AuditEvent::SessionExpired);
        assert_eq!(expired.count(), MOST_LIVE - 1);
    }
}
