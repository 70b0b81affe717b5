//! A device's new session: what register, sign in and pair have in common.

use romp_domain::wire::{DeviceInfo, Link, SessionReply};
use romp_domain::{AuditEvent, ErrorCode, Hlc, HouseholdId, Problem, Role, SessionId, UserId, UtcMs};

use super::end;
use super::room::{self, Newcomer};
use crate::audit;
use crate::db::{AuditRecord, Detail, DeviceRecord, Fault, PairingRecord, SecretHash, SessionRecord, Tx};
use crate::env::new_id;
use crate::secrets::{Secret, new_token};
use crate::server::Server;

/// What somebody is told who waits to belong to the family and comes with one of its devices.
const TAKEN: &str =
    "Somebody else of the family used this device. Remove its data first, or use another one.";

/// What a code is told on a device on which somebody is signed in.
const SIGNED_IN: &str = "Somebody signed in on this device with a password. Sign in with it again, or sign this device \
                         out first, on the page with all devices.";

/// A session that does not exist yet. Made before the transaction, which may have to be repeated.
pub(crate) struct NewSession {
    id: SessionId,
    token: SecretHash,
    device: DeviceInfo,
    now: UtcMs,
}

/// Prepares a session for a device. The token is told to the device only if the transaction commits.
pub(crate) fn prepare(server: &Server, device: DeviceInfo, now: UtcMs) -> (NewSession, Secret) {
    let (secret, token) = new_token(&*server.random);
    let id = SessionId(new_id(&*server.clock, &*server.random));
    (
        NewSession {
            id,
            token,
            device,
            now,
        },
        secret,
    )
}

impl NewSession {
    /// Refuses a device that somebody has: whoever is new here brings a new one. Asked before whether an address is taken,
    /// so that this cannot be asked without leaving a trace.
    ///
    /// # Errors
    /// `DeviceTaken`.
    pub(crate) fn is_of_nobody(&self, tx: &mut dyn Tx) -> Result<(), Fault> {
        match tx.device(self.device.id)? {
            Some(_) => Err(Problem::saying(ErrorCode::DeviceTaken, TAKEN).into()),
            None => Ok(()),
        }
    }

    /// Opens the session, because of `event`. The device's earlier ones end; what the server knows of its mutations
    /// stays.
    pub(crate) fn open(
        &self,
        tx: &mut dyn Tx,
        household: HouseholdId,
        user: Option<UserId>,
        role: Role,
        event: AuditEvent,
    ) -> Result<SessionRecord, Fault> {
        self.store(tx, household, [user, None], role, event)
    }

    /// Opens the session of a paired device: nobody signed in on it, and whoever made its code answers for it.
    pub(crate) fn open_paired(
        &self,
        tx: &mut dyn Tx,
        pairing: &PairingRecord,
    ) -> Result<SessionRecord, Fault> {
        let whose = [None, pairing.made_by];
        self.store(tx, pairing.household, whose, pairing.role, AuditEvent::Paired)
    }

    fn store(
        &self,
        tx: &mut dyn Tx,
        household: HouseholdId,
        [user, by_user]: [Option<UserId>; 2],
        role: Role,
        event: AuditEvent,
    ) -> Result<SessionRecord, Fault> {
        let who = Newcomer::of(tx, user)?;
        let device = match tx.device(self.device.id)? {
            Some(known) if known.household != household => {
                return Err(Problem::new(ErrorCode::DeviceTaken).into());
            }
            Some(known) if !who.may_use(tx, &known, self.now)? => {
                let sentence = if who == Newcomer::Device { SIGNED_IN } else { TAKEN };
                return Err(Problem::saying(ErrorCode::DeviceTaken, sentence).into());
            }
            Some(known) => DeviceRecord {
                session: Some(self.id),
                name: self.device.name.clone(),
                ..known
            },
            None => DeviceRecord {
                id: self.device.id,
                household,
                session: Some(self.id),
                name: self.device.name.clone(),
                held: Link::default(),
                last_hlc: Hlc::default(),
                cursor: 0,
                seen_at: self.now,
            },
        };
        tx.put_device(&device)?;
        end_earlier(tx, &device, self.now)?;
        room::make(tx, household, who, self.now)?;
        let session = SessionRecord {
            id: self.id,
            household,
            user,
            by_user,
            device: device.id,
            role,
            token: self.token,
            // As it is read from now on: whether the user waits is the user's.
            waiting: false,
            created_at: self.now,
            used_at: self.now,
            ended_at: None,
        };
        tx.insert_session(&session)?;
        let entry = AuditRecord::of(&session, event, self.now).detail(Detail::word(role.word()));
        audit::note(tx, household, &entry)?;
        Ok(session)
    }
}

/// Ends the sessions that a device had, as any other way to end one does.
fn end_earlier(tx: &mut dyn Tx, device: &DeviceRecord, now: UtcMs) -> Result<(), Fault> {
    for earlier in tx.sessions_of(device.household)? {
        if earlier.device == device.id {
            let entry = AuditRecord::of(&earlier, AuditEvent::SessionRevoked, now);
            end(tx, &earlier, &entry.detail(Detail::word("again")))?;
        }
    }
    Ok(())
}

/// Tells the device its session, and the household's listeners that an earlier one may have ended.
pub(crate) fn opened(server: &Server, session: &SessionRecord, token: Secret) -> SessionReply {
    server.pokes.session_ended(session.household);
    SessionReply {
        token: token.into_text(),
        session: session.id,
        household: session.household,
        role: session.role,
    }
}
