//! Who speaks: the session, and the installation as which it speaks.
//!
//! A session may speak as more than one device: when its data was copied, one of the copies goes on under a new id.
//! No session speaks as a device of another one.

use romp_domain::wire::SyncRequest;
use romp_domain::{ErrorCode, Hlc, Problem, Role};

use super::work::Work;
use crate::accounts::live_session;
use crate::db::{DeviceRecord, Fault, SessionRecord};

/// Most devices as which one session may speak: copies of copies, and then somebody is playing.
const MOST_DEVICES: usize = 16;

/// As whom a request speaks.
#[derive(Debug)]
pub(super) enum Speaker {
    /// One of the session's devices. The flag: it was not known before.
    Device(DeviceRecord, bool),
    /// A device of another session.
    Stranger,
}

/// A session that ended after the gateway looked is refused here, inside the transaction. Children's devices take
/// part only while an owner's consent holds (R2).
pub(super) fn admit(
    work: &mut Work<'_>,
    session: &SessionRecord,
    request: &SyncRequest,
) -> Result<Speaker, Fault> {
    still_admitted(work, session)?;
    speaker(work, session, request)
}

/// The part of [`admit`] that is asked again before rows are read: the session or the consent may have ended since.
pub(super) fn still_admitted(work: &mut Work<'_>, session: &SessionRecord) -> Result<(), Fault> {
    live_session(work.tx, &session.token)?;
    if session.role == Role::Child && work.settings(session.household)?.child_consent.is_none() {
        return Err(Problem::new(ErrorCode::ConsentMissing).into());
    }
    Ok(())
}

fn speaker(work: &mut Work<'_>, session: &SessionRecord, request: &SyncRequest) -> Result<Speaker, Fault> {
    let id = request.device.unwrap_or(session.device);
    if let Some(device) = work.tx.device(id)? {
        let own = device.household == session.household && device.session == Some(session.id);
        return Ok(if own {
            Speaker::Device(device, false)
        } else {
            Speaker::Stranger
        });
    }
    let of_session = work.tx.devices(session.household)?;
    let of_session: Vec<_> = of_session
        .into_iter()
        .filter(|device| device.session == Some(session.id))
        .collect();
    // A copy was here when what it is a copy of was: what it made since is believed, and nothing older.
    let seen_at = of_session.iter().map(|device| device.seen_at).max();
    let name = of_session
        .first()
        .ok_or_else(|| Problem::new(ErrorCode::NotSignedIn))?
        .name
        .clone();
    if of_session.len() >= MOST_DEVICES {
        return Err(Problem::new(ErrorCode::TooMany).into());
    }
    // After the database was put back, the new id's own past is among what may be lost.
    let same_history = request.epoch == Some(work.tx.epoch()?);
    let adopted = request
        .link
        .filter(|_| request.adopt && same_history)
        .unwrap_or_default();
    let device = DeviceRecord {
        id,
        household: session.household,
        session: Some(session.id),
        name,
        held: adopted,
        last_hlc: Hlc::default(),
        cursor: 0,
        seen_at: seen_at.unwrap_or(work.now),
    };
    Ok(Speaker::Device(device, true))
}
