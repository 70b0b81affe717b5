//! What is switched off: judged by the server's time and the stored switches, in the transaction of what is judged.
//!
//! A change is judged field by field. **What protects a family takes effect, whatever is switched off**: of a mutation
//! that is half one and half the other, the protective part is applied, the rest is refused with `switched_off`, and its
//! device is told which fields that are, and keeps them for later. It cannot tell by itself: whether a pause is made
//! longer or shorter depends on the row that is here. Of a row that does not exist yet there is nothing to protect, so it
//! is refused whole.

use std::sync::Arc;

use romp_domain::policy::{Operation, operation_of_act, operation_of_field};
use romp_domain::switch::{Subject, Switch, SwitchScope, Word, word_on};
use romp_domain::{
    AuditEvent, ChildId, DeviceId, Entity, ErrorCode, HouseholdId, Kind, PlaydateAct, Problem, Swipe,
    SwitchId, UtcMs, ZoneName,
};
use romp_sync::Registers;
use uuid::Uuid;

use super::work::Work;
use crate::audit;
use crate::db::{AuditRecord, DbExt, Detail, Fault, PairingRecord, SessionRecord, Tx};
use crate::server::Server;

/// A family's switches, and the zone of its clock.
#[derive(Debug)]
pub(crate) struct Switches {
    pub(crate) zone: ZoneName,
    pub(crate) list: Vec<(SwitchId, Switch)>,
}

/// Reads the switches of a household.
pub(super) fn load(work: &mut Work<'_>, household: HouseholdId) -> Result<Switches, Fault> {
    let list = work.all::<Switch>(household)?;
    let zone = if list.iter().any(|(_, switch)| switch.hours.is_some()) {
        work.settings(household)?.zone
    } else {
        ZoneName::utc()
    };
    Ok(Switches {
        zone,
        list: list
            .into_iter()
            .map(|(id, switch)| (SwitchId(id), switch))
            .collect(),
    })
}

/// The devices as which a session ever spoke.
pub(super) fn devices(work: &mut Work<'_>, session: &SessionRecord) -> Result<Arc<[DeviceId]>, Fault> {
    if let Some(known) = work.spoke.get(&session.id) {
        return Ok(known.clone());
    }
    let known = work.tx.devices(session.household)?;
    let own = known
        .into_iter()
        .filter(|device| device.session == Some(session.id));
    let devices: Arc<[DeviceId]> = own.map(|device| device.id).chain([session.device]).collect();
    work.spoke.insert(session.id, devices.clone());
    Ok(devices)
}

/// Whether a switch is among those that a session may meet.
pub(super) fn concerns(
    work: &mut Work<'_>,
    session: &SessionRecord,
    scope: SwitchScope,
) -> Result<bool, Fault> {
    Ok(match scope {
        SwitchScope::Household | SwitchScope::Children | SwitchScope::Child { .. } => true,
        SwitchScope::Session { session: id } => id == session.id,
        SwitchScope::Device { device } => {
            device == session.device || devices(work, session)?.contains(&device)
        }
    })
}

/// What turns an operation off for a session now.
fn word(
    work: &mut Work<'_>,
    session: &SessionRecord,
    operation: Operation,
    child: Option<ChildId>,
) -> Result<Option<Word>, Fault> {
    let asked = (session.id, operation, child);
    if let Some(known) = work.words.get(&asked) {
        return Ok(known.clone());
    }
    let known = work.switches(session.household)?;
    let mut named = known.list.iter().map(|(_, switch)| switch.scope);
    let devices = if named.any(|scope| matches!(scope, SwitchScope::Device { .. })) {
        devices(work, session)?
    } else {
        Arc::default()
    };
    let subject = Subject {
        role: session.role,
        devices: &devices,
        session: Some(session.id),
        child,
    };
    let off = word_on(&known.list, &subject, operation, &known.zone, work.now);
    work.words.insert(asked, off.clone());
    Ok(off)
}

/// Which switch turns an operation off for a session now, and what it says.
pub(crate) fn off_for(
    tx: &mut dyn Tx,
    now: UtcMs,
    session: &SessionRecord,
    operation: Operation,
) -> Result<Option<Word>, Fault> {
    word(&mut Work::new(tx, now), session, operation, None)
}

/// Which switch keeps a device out now that comes with a code: one that concerns it, or the session that made the code. It
/// has no session yet.
pub(crate) fn off_for_newcomer(
    tx: &mut dyn Tx,
    now: UtcMs,
    pairing: &PairingRecord,
) -> Result<Option<Word>, Fault> {
    let mut work = Work::new(tx, now);
    let known = work.switches(pairing.household)?;
    let sessions = work.tx.sessions_of(pairing.household)?;
    let maker = sessions
        .iter()
        .find(|session| Some(session.id) == pairing.made_in);
    let devices = match maker {
        Some(maker) => devices(&mut work, maker)?,
        None => Arc::default(),
    };
    let subject = Subject {
        role: pairing.role,
        devices: &devices,
        session: pairing.made_in,
        child: None,
    };
    Ok(word_on(
        &known.list,
        &subject,
        Operation::Devices,
        &known.zone,
        now,
    ))
}

/// Notes in the household's log which switches a session met, and with what.
pub(super) fn note_met(work: &mut Work<'_>, session: &SessionRecord) -> Result<(), Fault> {
    for (operation, switch) in std::mem::take(&mut work.met) {
        let entry = AuditRecord::of(session, AuditEvent::SwitchedOff, work.now);
        audit::note(
            work.tx,
            session.household,
            &entry.detail(about(operation, switch)),
        )?;
    }
    Ok(())
}

/// The same of an endpoint, on its own.
pub(crate) fn note(
    server: &Server,
    session: &SessionRecord,
    operation: Operation,
    switch: SwitchId,
) -> Result<(), Problem> {
    let entry = AuditRecord::of(session, AuditEvent::SwitchedOff, server.clock.now());
    let (household, entry) = (session.household, entry.detail(about(operation, switch)));
    Ok(server.db.write(move |tx| audit::note(tx, household, &entry))?)
}

/// What the log says of an operation that a switch turned off.
pub(crate) fn about(operation: Operation, switch: SwitchId) -> Detail {
    Detail::word(operation.word()).and(&Detail::id(switch.0))
}

/// Refuses an act that is switched off.
pub(super) fn act(work: &mut Work<'_>, session: &SessionRecord, act: PlaydateAct) -> Result<(), Fault> {
    let Some(operation) = operation_of_act(act) else {
        return Ok(());
    };
    match word(work, session, operation, None)? {
        Some(off) => {
            work.met.insert((operation, off.switch));
            Err(off.problem(work.now).into())
        }
        None => Ok(()),
    }
}

/// Takes out of a patch what is switched off, and returns why it is refused, and which fields where others are left; none
/// when nothing is.
pub(super) fn take_out(
    work: &mut Work<'_>,
    session: &SessionRecord,
    kind: Kind,
    before: Option<&Registers>,
    patch: &mut Registers,
) -> Result<Option<Problem>, Fault> {
    if work.switches(session.household)?.list.is_empty() {
        return Ok(None);
    }
    let there = |field: &str| before.and_then(|row| row.fields.0.get(field));
    let child = patch.fields.0.get("by_child").or_else(|| there("by_child"));
    let child = child
        .filter(|_| kind == Kind::Swipe)
        .and_then(|child| serde_json::from_value(child.clone()).ok());
    let mut off: Option<Word> = None;
    for (field, value) in &patch.fields.0 {
        // What says nothing new changes nothing.
        let operation =
            operation_of_field(kind, field, there(field), value).filter(|_| there(field) != Some(value));
        let Some(operation) = operation else { continue };
        if let Some(word) = word(work, session, operation, child)? {
            work.met.insert((operation, word.switch));
            if off.as_ref().is_none_or(|off| off.until < word.until) {
                off = Some(word);
            }
        }
    }
    let Some(off) = off else { return Ok(None) };
    // Of a child's choice nothing is kept, on an owner's device neither: what is left of it would take back a release.
    let by_a_child = kind == Kind::Swipe && Swipe::is_by_a_child(&patch.fields);
    let is_there = (before.is_some() || kind == Kind::Household) && !by_a_child;
    let mut refused = Vec::new();
    patch.fields.0.retain(|field, value| {
        let protects = is_there && operation_of_field(kind, field, there(field), value).is_none();
        if !protects {
            refused.push(field.to_string());
        }
        protects
    });
    let left = &patch.fields.0;
    patch.stamps.retain(|field, _| left.contains_key(field));
    if left.is_empty() {
        refused.clear();
    }
    Ok(Some(Problem {
        refused,
        ..off.problem(work.now)
    }))
}

/// What the log says of a switch: what it turns off, and which it is.
pub(super) fn of_switch(id: Uuid, row: &Registers) -> Detail {
    let operations = Switch::read_known(&row.fields).map(|switch| switch.operations);
    let operations = operations.into_iter().flatten();
    let words = operations.fold(Detail::default(), |words, operation| {
        words.and(&Detail::word(operation.word()))
    });
    words.and(&Detail::id(id))
}

/// Notes in the household's log what became of a switch.
pub(super) fn note_change(
    work: &mut Work<'_>,
    session: &SessionRecord,
    id: Uuid,
    before: Option<&Registers>,
    after: &Registers,
) -> Result<(), Fault> {
    let is_on = |row: &Registers| !row.fields.is_deleted() && row.fields.0.get("on") == Some(&true.into());
    let event = match (before.is_some_and(is_on), is_on(after)) {
        (_, true) => AuditEvent::SwitchSet,
        (true, false) => AuditEvent::SwitchLifted,
        (false, false) => return Ok(()),
    };
    let entry = AuditRecord::of(session, event, work.now).detail(of_switch(id, after));
    audit::note(work.tx, session.household, &entry)
}

/// Romp's own switches are lifted, not removed: the same one is made again when there is reason to.
pub(super) fn may_be_removed(before: Option<&Registers>, after: &Registers) -> Result<(), Problem> {
    let by_romp = before.is_some_and(|row| row.fields.0.get("author").is_none_or(serde_json::Value::is_null));
    if after.fields.is_deleted() && by_romp {
        let sentence = "Romp switched this off by itself. It can be lifted, not removed.";
        return Err(Problem::saying(ErrorCode::Forbidden, sentence));
    }
    Ok(())
}
