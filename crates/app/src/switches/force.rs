//! The switches that are in force on this device.

use romp_domain::policy::Operation;
use romp_domain::switch::{Subject, Until, Word, word_on};
use romp_domain::view::SwitchedOffView;
use romp_domain::{
    Child, ChildId, DeviceId, Problem, Role, SessionId, Switch, SwitchId, SwitchScope, UtcMs, ZoneName,
};
use romp_store::Reader;

use super::habits;
use crate::App;

/// What this device knows of switches, read at one moment.
pub(crate) struct Known {
    pub(super) switches: Vec<(SwitchId, Switch)>,
    pub(super) zone: ZoneName,
    /// The time by which it is judged.
    pub(super) now: UtcMs,
    role: Role,
    devices: Vec<DeviceId>,
    session: Option<SessionId>,
}

impl App {
    /// Reads the switches, and who this device is to them.
    pub(crate) fn known(&self, reader: &Reader<'_>) -> Result<Known, Problem> {
        let rows = reader.list::<Switch>()?.into_iter();
        let switches: Vec<_> = rows.map(|(id, switch)| (SwitchId(id), switch)).collect();
        let role = reader.role()?;
        let mut devices = vec![reader.this_device()?];
        if reader.device_role()? == Role::Child {
            // A child's device is told only of those that are for itself, also after it got another id.
            devices.extend(switches.iter().filter_map(|(_, switch)| match switch.scope {
                SwitchScope::Device { device } => Some(device),
                _ => None,
            }));
        }
        let told = switches.iter().find_map(|(_, switch)| switch.zone.clone());
        Ok(Known {
            zone: match told {
                Some(zone) => zone,
                None => reader.family_zone()?.unwrap_or_else(|| self.zone.clone()),
            },
            now: reader.time(self.now())?,
            session: reader.account()?.and_then(|account| account.session),
            switches,
            role,
            devices,
        })
    }
}

impl Known {
    fn subject(&self, child: Option<ChildId>) -> Subject<'_> {
        Subject {
            role: self.role,
            devices: &self.devices,
            session: self.session,
            child,
        }
    }

    /// Why a child, or whoever it is, may not choose here now; none where it may.
    pub(crate) fn choosing_is_off(&self, child: Option<ChildId>) -> Option<Problem> {
        Some(self.word(Operation::Choose, child)?.problem(self.now))
    }

    /// What turns an operation off here now, for a child or for everybody.
    pub(super) fn word(&self, operation: Operation, child: Option<ChildId>) -> Option<Word> {
        word_on(
            &self.switches,
            &self.subject(child),
            operation,
            &self.zone,
            self.now,
        )
    }
}

/// Everything that is off on this device now, for everybody or for one of the children on it.
pub(crate) fn off_here(app: &App, reader: &Reader<'_>) -> Result<Vec<SwitchedOffView>, Problem> {
    let known = app.known(reader)?;
    let children = reader.list::<Child>()?;
    let mut off = Vec::new();
    for (_, switch) in &known.switches {
        let Some(until) = switch.force(&known.zone, known.now) else {
            continue;
        };
        let mut tell = |child| {
            off.push(view(switch, until, child));
        };
        if switch.scope.concerns(&known.subject(None)) {
            tell(None);
            continue;
        }
        for (id, _) in &children {
            let child = Some(ChildId(*id));
            if switch.scope.concerns(&known.subject(child)) {
                tell(child);
            }
        }
    }
    for (id, child) in &children {
        let id = ChildId(*id);
        let told = |off: &[SwitchedOffView]| {
            off.iter()
                .any(|view| view.child == Some(id) && view.operations.contains(&Operation::Choose))
        };
        if !told(&off)
            && let Some(rest) = habits::rest(reader, &known, id, child)?
        {
            off.push(rest);
        }
    }
    Ok(off)
}

fn view(switch: &Switch, until: Until, child: Option<ChildId>) -> SwitchedOffView {
    SwitchedOffView {
        operations: switch.operations.clone(),
        comment: switch.comment.clone(),
        until: until.instant(),
        child,
    }
}
