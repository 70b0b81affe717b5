//! Which devices of the household are signed in.

use std::cmp::Reverse;
use std::collections::HashMap;

use romp_domain::text::{DeviceName, PersonName};
use romp_domain::wire::{SessionView, SessionsReply};
use romp_domain::{HouseholdId, Problem, SessionId, UserId};

use super::live_session;
use crate::db::{DbExt, Fault, SessionRecord, Tx};
use crate::server::Server;

/// The live sessions of the household, the last used first.
///
/// # Errors
/// `NotSignedIn`.
pub fn sessions(server: &Server, session: &SessionRecord) -> Result<SessionsReply, Problem> {
    let (token, this) = (session.token, session.id);
    let sessions = server.db.read(move |tx| {
        let household = live_session(tx, &token)?.household;
        let names = Names::of(tx, household)?;
        let live = names
            .sessions
            .values()
            .filter(|session| session.ended_at.is_none());
        let mut views: Vec<_> = live
            .filter_map(|session| {
                Some(SessionView {
                    id: session.id,
                    device: names.device(session.id)?,
                    device_id: Some(session.device),
                    role: session.role,
                    owner: session.user.and_then(|user| names.owner(user)),
                    by: session.by_user.and_then(|user| names.owner(user)),
                    created_at: session.created_at,
                    used_at: session.used_at,
                    this: session.id == this,
                })
            })
            .collect();
        views.sort_by_key(|view| (Reverse(view.used_at), view.id.0));
        Ok(views)
    })?;
    Ok(SessionsReply { sessions })
}

/// What the household's sessions and owners are called.
pub(super) struct Names {
    sessions: HashMap<SessionId, SessionRecord>,
    devices: HashMap<romp_domain::DeviceId, DeviceName>,
    owners: HashMap<UserId, PersonName>,
}

impl Names {
    /// Of a household, with sessions that have ended.
    pub(super) fn of(tx: &mut dyn Tx, household: HouseholdId) -> Result<Self, Fault> {
        let sessions: HashMap<_, _> = tx
            .sessions_of(household)?
            .into_iter()
            .map(|session| (session.id, session))
            .collect();
        let devices = tx.devices(household)?;
        let mut owners = HashMap::new();
        for user in sessions.values().filter_map(|session| session.user) {
            if !owners.contains_key(&user)
                && let Some(found) = tx.user(user)?
            {
                owners.insert(user, found.name);
            }
        }
        Ok(Self {
            sessions,
            devices: devices
                .into_iter()
                .map(|device| (device.id, device.name))
                .collect(),
            owners,
        })
    }

    /// What a session's device is called.
    pub(super) fn device(&self, session: SessionId) -> Option<DeviceName> {
        let device = self.sessions.get(&session)?.device;
        self.devices.get(&device).cloned()
    }

    /// What an owner is called.
    pub(super) fn owner(&self, user: UserId) -> Option<PersonName> {
        self.owners.get(&user).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::rig::{HERE, Rig, sign_in_request};
    use crate::accounts::{sign_in, sign_out};
    use romp_domain::Role;
    use romp_domain::time::MINUTE_MS;

    #[test]
    fn an_owner_sees_the_own_household_s_live_sessions_and_which_one_asks() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        rig.owner(2);
        rig.pass(10 * MINUTE_MS);
        let desk = sign_in(&rig.server, HERE, sign_in_request(1, 70)).unwrap();
        let gone = sign_in(&rig.server, HERE, sign_in_request(1, 71)).unwrap();
        sign_out(&rig.server, &rig.session(&gone.token)).unwrap();
        let tablet = rig.paired(&owner, Role::Child, 50);
        let seen = sessions(&rig.server, &rig.session(&owner.token))
            .unwrap()
            .sessions;
        let of = |id| seen.iter().find(|view| view.id == id);
        assert_eq!(seen.len(), 3);
        assert!(of(gone.session).is_none());
        assert!(of(owner.session).unwrap().this && !of(desk.session).unwrap().this);
        assert_eq!(of(desk.session).unwrap().owner.as_ref().unwrap().as_str(), "Ann");
        let tablet = of(tablet.session).unwrap();
        assert_eq!((tablet.role, &tablet.owner), (Role::Child, &None));
        assert_eq!(tablet.device.as_str(), "Kitchen tablet");
        assert_eq!(seen.last().unwrap().id, owner.session, "the last used first");
    }
}
