//! A device that speaks as the app does: it knows its place in its chain, the epoch of what it holds, what it may see, and
//! that it was copied.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use romp_domain::wire::{Digest, Link, PROTOCOL, Reset, SyncReply, SyncRequest};
use romp_domain::{DeviceId, Entity, ErrorCode, Fields, Hlc, Mutation, Op, Sent};
use romp_sync::DigestSum;
use serde_json::Value;
use uuid::Uuid;

use super::super::super::tests::rig;
use super::super::super::tests::rig::Rig;
use crate::db::SessionRecord;

/// What is said in an exchange besides what has to be said.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Manner {
    /// The reply is lost, and the device sends the same again.
    pub(super) twice: bool,
    /// Only so many of the changes; more wait behind them.
    pub(super) first: Option<usize>,
    /// The device has its rows compared, if it has nothing else to say.
    pub(super) compare: bool,
    /// It has other rows than it should.
    pub(super) wrong: bool,
}

/// A device.
#[derive(Debug, Clone)]
pub(super) struct Linked {
    pub(super) session: SessionRecord,
    id: DeviceId,
    /// It is as old as protocol 1 and tells nothing but its cursor.
    pub(super) old: bool,
    pub(super) skew_ms: i64,
    /// Its session began after the copy was made that the server was put back to.
    ended: bool,
    last: Hlc,
    /// Everything that it ever made, numbered from `first` on.
    made: Vec<Sent>,
    first: u64,
    link: Link,
    adopts: bool,
    epoch: Option<romp_domain::wire::Epoch>,
    scope: Option<u64>,
    anew: Option<u64>,
    cursor: u64,
    /// The server's rows with their commits, by kind and id.
    rows: BTreeMap<(String, Uuid), (u64, Fields)>,
}

impl Linked {
    /// Goes on for a device of the rig, of which everything was answered.
    pub(super) fn of(device: rig::Device, rig: &Rig) -> Self {
        let mut device = device;
        assert!(device.outbox.is_empty());
        let reply = device.sync(rig).unwrap();
        Self {
            id: device.session.device,
            session: device.session,
            old: false,
            skew_ms: 0,
            ended: false,
            last: Hlc(0),
            made: Vec::new(),
            first: reply.ack_mid + 1,
            link: Link {
                mid: reply.ack_mid,
                chain: reply.ack_chain,
            },
            adopts: false,
            epoch: None,
            scope: None,
            anew: None,
            // Pulls everything once more, with the commits of the rows.
            cursor: 0,
            rows: BTreeMap::new(),
        }
    }

    fn next_mid(&self) -> u64 {
        self.first + self.made.len() as u64
    }

    fn tick(&mut self, rig: &Rig) -> Hlc {
        self.last = self.last.next().max(Hlc::at_ms(rig.now().0 + self.skew_ms));
        self.last
    }

    /// Makes a change.
    pub(super) fn say(&mut self, rig: &Rig, kind: romp_domain::Kind, id: Uuid, op: Op) {
        let mutation = Mutation {
            mid: self.next_mid(),
            hlc: self.tick(rig),
            base_seq: Some(self.cursor),
            waited: false,
            kind,
            id,
            op,
        };
        self.made.push(mutation.into());
    }

    /// Makes one of which only a newer server has heard.
    pub(super) fn say_foreign(&mut self, rig: &Rig, id: Uuid) {
        let (mid, hlc) = (self.next_mid(), self.tick(rig));
        let badge = serde_json::json!({"mid": mid, "hlc": hlc, "base_seq": self.cursor, "kind": "x_badge", "id": id,
            "op": "patch", "fields": {"colour": "red"}});
        self.made.push(serde_json::from_value(badge).unwrap());
    }

    /// Whether everything was answered, or nothing will be any more.
    pub(super) fn is_settled(&self) -> bool {
        self.ended || self.next_mid() == self.link.mid + 1
    }

    fn request(&self, rig: &Rig, manner: Manner) -> SyncRequest {
        let known = usize::try_from(self.link.mid + 1 - self.first).unwrap();
        let waiting = &self.made[known..];
        let told = manner.first.unwrap_or(usize::MAX).min(waiting.len());
        let settled = waiting.is_empty() && self.cursor > 0 && self.anew.is_none();
        let digest = self.digest(manner.wrong);
        let plain = SyncRequest {
            protocol: PROTOCOL,
            cursor: self.cursor,
            clock: Hlc::at_ms(rig.now().0 + self.skew_ms),
            more: told < waiting.len(),
            mutations: waiting[..told].to_vec(),
            ..SyncRequest::default()
        };
        if self.old {
            return SyncRequest {
                protocol: 1,
                more: false,
                ..plain
            };
        }
        SyncRequest {
            device: Some(self.id),
            epoch: self.epoch,
            scope: self.scope,
            anew: self.anew,
            link: Some(self.link),
            adopt: self.adopts,
            digest: (manner.compare && settled).then_some(digest),
            ..plain
        }
    }

    /// Exchanges once and takes the answer in. Returns all that can be seen of it.
    pub(super) fn sync(&mut self, rig: &Rig, manner: Manner) -> String {
        let request = self.request(rig, manner);
        let mut seen = String::new();
        if manner.twice {
            let lost = crate::sync::sync(&rig.server, &self.session, request.clone());
            writeln!(seen, "{lost:?}").unwrap();
        }
        let reply = crate::sync::sync(&rig.server, &self.session, request.clone());
        writeln!(seen, "{reply:?}").unwrap();
        match reply {
            Ok(reply) => self.take(&request, &reply),
            Err(problem) => self.ended = problem.code == ErrorCode::NotSignedIn,
        }
        seen
    }

    fn take(&mut self, request: &SyncRequest, reply: &SyncReply) {
        if let Some(id) = reply.fork {
            (self.id, self.adopts) = (id, true);
            return;
        }
        self.adopts = false;
        if !self.old {
            (self.epoch, self.scope) = (Some(reply.epoch), Some(reply.scope));
        }
        self.link = Link {
            mid: reply.ack_mid,
            chain: reply.ack_chain,
        };
        if self.link.mid + 1 < self.first {
            // The server knows less of it than was noted here: what is here is numbered anew.
            self.first = self.link.mid + 1;
            for (mid, sent) in (self.first..).zip(&mut self.made) {
                let mut numbered = serde_json::to_value(&*sent).unwrap();
                numbered["mid"] = Value::from(mid);
                *sent = serde_json::from_value(numbered).unwrap();
            }
        }
        // The server may know more of it than a copy has noted, which is told so with its next exchange.
        self.link.mid = self.link.mid.min(self.next_mid() - 1);
        if reply.reset.is_some() {
            self.rows.clear();
        }
        if reply.reset.is_some() || (request.cursor == 0 && self.anew.is_none()) {
            self.anew = Some(reply.head);
        }
        for row in &reply.rows {
            let key = (row.kind.clone(), row.id);
            match &row.fields {
                Some(fields) => drop(self.rows.insert(key, (row.seq, fields.clone()))),
                None => drop(self.rows.remove(&key)),
            }
        }
        self.cursor = reply.cursor;
        let lost = reply.reset == Some(Reset::Epoch) || reply.need_from.is_some();
        if !reply.more && !lost {
            self.anew = None;
        }
    }

    fn digest(&self, wrong: bool) -> Digest {
        let mut sum = DigestSum::default();
        for ((kind, id), (seq, fields)) in self.rows.iter().skip(usize::from(wrong)) {
            sum.add(kind, *id, *seq, &serde_json::to_string(fields).unwrap());
        }
        sum.digest()
    }

    /// What it holds of a kind.
    pub(super) fn all<E: Entity>(&self) -> Vec<(Uuid, E)> {
        let of_kind = self.rows.iter().filter(|((kind, _), _)| kind == E::KIND.word());
        of_kind
            .filter_map(|((_, id), (_, fields))| Some((*id, E::read_known(fields)?)))
            .collect()
    }
}
