//! A server in memory: one household, no policy but what a child's device is sent, and every way in which a server
//! can be unhelpful.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};

use romp_domain::policy::{Endpoint, FieldSet};
use romp_domain::wire::{
    Link, MutationResult, Outcome, RegisterRequest, SessionReply, SyncReply, SyncRequest,
};
use romp_domain::{
    DeviceId, Entity, ErrorCode, Fields, Hlc, HouseholdId, Kind, Mutation, Op, Problem, Role, Row, Sent,
    SessionId,
};
use romp_sync::{Batch, plan_batch};
use serde_json::Value;
use tokio::sync::watch;
use uuid::Uuid;

use self::readable::{is_a_childs, readable};
use super::NOW;
use crate::Token;

mod answers;
mod backup;
mod readable;
mod tokens;

/// The only password it takes for the owner's.
pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) struct FakeServer {
    state: Mutex<State>,
    head: watch::Sender<u64>,
    holds: watch::Sender<bool>,
    /// How many exchanges are waiting for something new.
    waiting: AtomicU32,
    /// How many were dropped while they waited.
    dropped_waits: AtomicU32,
}

struct State {
    household: HouseholdId,
    role: Role,
    fails: Option<Problem>,
    loses_answers: bool,
    refuses_exchanges: Option<Problem>,
    never_done: bool,
    cuts_streams: bool,
    streams: u32,
    refuses: Option<(Kind, Problem)>,
    sessions: BTreeMap<String, (DeviceId, Role)>,
    /// Next tokens that were not used yet, with those that they would replace.
    next_tokens: BTreeMap<String, String>,
    /// Tokens that were replaced, with the devices whose they were.
    retired_tokens: BTreeMap<String, DeviceId>,
    reused_tokens: u32,
    used_next_tokens: u32,
    backup: Option<backup::Backup>,
    /// So many requests from now on it answers with that problem.
    fails_after: Option<(u32, Problem)>,
    /// The account was deleted.
    gone: bool,
    opened: u32,
    last_mid: BTreeMap<DeviceId, u64>,
    rows: BTreeMap<(String, Uuid), (u64, Option<Fields>)>,
    applied: Vec<Mutation>,
    requests: u32,
    registrations: Vec<RegisterRequest>,
    /// What was asked about owners: where, and with which body.
    heard: Vec<(Endpoint, Value)>,
}

impl Default for FakeServer {
    fn default() -> Self {
        let state = State {
            household: HouseholdId(Uuid::from_u128(1)),
            role: Role::Owner,
            fails: None,
            loses_answers: false,
            refuses_exchanges: None,
            never_done: false,
            cuts_streams: false,
            streams: 0,
            refuses: None,
            sessions: BTreeMap::new(),
            next_tokens: BTreeMap::new(),
            retired_tokens: BTreeMap::new(),
            reused_tokens: 0,
            used_next_tokens: 0,
            backup: None,
            fails_after: None,
            gone: false,
            opened: 0,
            last_mid: BTreeMap::new(),
            rows: BTreeMap::new(),
            applied: Vec::new(),
            requests: 0,
            registrations: Vec::new(),
            heard: Vec::new(),
        };
        Self {
            state: Mutex::new(state),
            head: watch::Sender::new(0),
            holds: watch::Sender::new(false),
            waiting: AtomicU32::new(0),
            dropped_waits: AtomicU32::new(0),
        }
    }
}

impl FakeServer {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Answers everything with this, until told otherwise.
    pub(crate) fn fails(&self, problem: impl Into<Option<Problem>>) {
        let mut state = self.state();
        (state.fails, state.fails_after) = (problem.into(), None);
    }

    /// Answers exchanges with this, and nothing else.
    pub(crate) fn refuses_exchanges(&self, problem: impl Into<Option<Problem>>) {
        self.state().refuses_exchanges = problem.into();
    }

    /// Does what it is asked, but its answers to exchanges are lost.
    pub(crate) fn loses_answers(&self, loses: bool) {
        self.state().loses_answers = loses;
    }

    /// Always has more to tell than one answer holds, and the connection never lasts for two.
    pub(crate) fn never_done(&self, never: bool) {
        self.state().never_done = never;
    }

    /// Does what it is asked, but its answers to exchanges are under way until it lets go of them.
    pub(crate) fn holds_answers(&self, holds: bool) {
        self.holds.send_replace(holds);
    }

    /// Streams of pokes end as soon as they have begun.
    pub(crate) fn cuts_streams(&self, cuts: bool) {
        self.state().cuts_streams = cuts;
    }

    /// How many streams of pokes were asked for.
    pub(crate) fn streams(&self) -> u32 {
        self.state().streams
    }

    /// How many exchanges are waiting for something new.
    pub(crate) fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::SeqCst)
    }

    /// How many of them were given up by the device.
    pub(crate) fn dropped_waits(&self) -> u32 {
        self.dropped_waits.load(Ordering::SeqCst)
    }

    /// Refuses mutations of a kind.
    pub(crate) fn refuses(&self, kind: impl Into<Option<Kind>>) {
        self.state().refuses = kind.into().map(|kind| (kind, ErrorCode::Frozen.into()));
    }

    /// Refuses mutations of a kind because they are switched off.
    pub(crate) fn switches_off(&self, kind: Kind, problem: Problem) {
        self.state().refuses = Some((kind, problem));
    }

    /// The role that the next session gets.
    pub(crate) fn pairs_as(&self, role: Role) {
        self.state().role = role;
    }

    /// The next session is in another household.
    pub(crate) fn moves_to_another_household(&self) {
        self.state().household = HouseholdId(Uuid::from_u128(2));
    }

    /// Ends all sessions.
    pub(crate) fn ends_sessions(&self) {
        self.state().sessions.clear();
    }

    /// Deletes the account.
    pub(crate) fn deletes_account(&self) {
        let mut state = self.state();
        state.sessions.clear();
        state.rows.clear();
        state.gone = true;
    }

    pub(crate) fn sessions(&self) -> usize {
        self.state().sessions.len()
    }

    pub(crate) fn applied(&self) -> Vec<Mutation> {
        self.state().applied.clone()
    }

    pub(crate) fn requests(&self) -> u32 {
        self.state().requests
    }

    pub(crate) fn registrations(&self) -> Vec<RegisterRequest> {
        self.state().registrations.clone()
    }

    /// What was asked about owners since this was last looked at.
    pub(crate) fn take_heard(&self) -> Vec<(Endpoint, Value)> {
        std::mem::take(&mut self.state().heard)
    }

    fn heard(&self, endpoint: Endpoint, body: Value) {
        self.state().heard.push((endpoint, body));
    }

    /// Loses what it has of the mutations from `mid` on.
    pub(crate) fn forgets_from(&self, mid: u64) {
        self.state()
            .last_mid
            .values_mut()
            .for_each(|last| *last = mid - 1);
    }

    /// Writes a row, as only a server does.
    pub(crate) fn put<E: Entity>(&self, id: Uuid, entity: &E) {
        self.set(E::KIND, id, Some(entity.to_fields()));
    }

    /// Takes a row away.
    pub(crate) fn take(&self, kind: Kind, id: Uuid) {
        self.set(kind, id, None);
    }

    fn set(&self, kind: Kind, id: Uuid, fields: Option<Fields>) {
        let head = *self.head.borrow() + 1;
        self.state().rows.insert((kind.word().into(), id), (head, fields));
        self.head.send_replace(head);
    }

    fn open(&self, device: DeviceId) -> Result<SessionReply, Problem> {
        let mut state = self.state();
        state.fails.clone().map_or(Ok(()), Err)?;
        state.opened += 1;
        let token = format!("secret-token-{}", state.opened);
        let role = state.role;
        state.sessions.insert(token.clone(), (device, role));
        let session = SessionId(Uuid::from_u128(u128::from(state.opened)));
        Ok(SessionReply {
            token,
            session,
            household: state.household,
            role: state.role,
        })
    }

    fn reachable(&self) -> bool {
        self.state().fails.is_none()
    }

    fn exchange(&self, token: &Token, request: &SyncRequest) -> Result<SyncReply, Problem> {
        self.state().requests += 1;
        let (device, role) = self.session(token)?;
        self.state().refuses_exchanges.clone().map_or(Ok(()), Err)?;
        let never_done = self.state().never_done;
        if never_done && self.requests().is_multiple_of(2) {
            return Err(ErrorCode::Offline.into());
        }
        let mid = self.state().last_mid.get(&device).copied().unwrap_or(0);
        let mut need_from = None;
        let mut results = Vec::new();
        // Without chains: this server trusts its only device.
        let held = Link {
            mid,
            ..Link::default()
        };
        match plan_batch(held, None, &request.mutations) {
            Batch::Fork => return Err(ErrorCode::Internal.into()),
            Batch::Missing { from } => need_from = Some(from),
            Batch::Broken => return Err(ErrorCode::BadRequest.into()),
            Batch::Apply { known } => {
                let made = request.mutations.iter().filter_map(Sent::known);
                for (n, mutation) in made.enumerate() {
                    let outcome = if n < known {
                        Outcome::Applied
                    } else {
                        self.apply(device, mutation)
                    };
                    results.push(MutationResult {
                        mid: mutation.mid,
                        outcome,
                    });
                }
            }
        }
        let newest = *self.head.borrow();
        let state = self.state();
        let mut rows: Vec<_> = state
            .rows
            .iter()
            .filter(|(_, (seq, _))| *seq > request.cursor)
            .map(|((kind, id), (seq, fields))| (kind, id, seq, fields, readable(role, kind)))
            .filter(|(.., readable)| *readable != FieldSet::None)
            .filter(|(kind, _, _, fields, _)| role == Role::Owner || is_a_childs(kind, fields.as_ref()))
            .map(|(kind, id, seq, fields, readable)| Row {
                kind: kind.clone(),
                id: *id,
                seq: *seq,
                fields: fields.clone().map(|mut fields| {
                    fields.0.retain(|name, _| readable.contains(name));
                    fields
                }),
            })
            .collect();
        rows.sort_by_key(|row| row.seq);
        let ack_mid = state.last_mid.get(&device).copied().unwrap_or(0);
        if state.loses_answers {
            return Err(ErrorCode::Offline.into());
        }
        let clock = Hlc::at_ms(NOW);
        Ok(SyncReply {
            results,
            ack_mid,
            ack_seq: newest,
            need_from,
            clock,
            rows,
            cursor: newest,
            more: never_done,
            head: newest,
            ..SyncReply::default()
        })
    }

    fn apply(&self, device: DeviceId, mutation: &Mutation) -> Outcome {
        self.state().last_mid.insert(device, mutation.mid);
        let refused = self.state().refuses.clone();
        if let Some((_, problem)) = refused.filter(|(kind, _)| *kind == mutation.kind) {
            return Outcome::Rejected { problem };
        }
        self.state().applied.push(mutation.clone());
        if let Op::Patch { fields } = &mutation.op {
            let key = (mutation.kind.word().to_owned(), mutation.id);
            let mut row = self
                .state()
                .rows
                .get(&key)
                .and_then(|(_, row)| row.clone())
                .unwrap_or_default();
            row.0.extend(fields.0.clone());
            let row = Some(row).filter(|row| !row.is_deleted());
            self.set(mutation.kind, mutation.id, row);
        }
        Outcome::Applied
    }
}
