//! Parked changes: refused because something is switched off for now, and sent again as new ones once that is over.
//!
//! A parked change is a rejected mutation that still counts here: it is laid over the server's row, and nothing behind it
//! in the outbox is forgotten. What is sent again is what is **left** of it: not what took effect all the same, because
//! it protects (the refusal says what did not), and not what somebody has changed here since. It keeps its stamp and what
//! its maker had seen, so that it takes the place it would have had. The stamp is put right when the change is parked, as
//! the server does it: the clock may be set while it waits.
//!
//! A row that is **yet to come** is one whose creation is parked: the server has never heard of it. What is changed in it
//! here meanwhile says less than a row, and what names it names nothing, so the server refuses both; they wait with it. Its
//! creation is sent again with all that was changed since, or not at all where it was removed.

use romp_domain::{ErrorCode, Fields, Hlc, Kind, Mutation, Op, Problem, UtcMs};
use romp_sync::correct;
use rusqlite::{OptionalExtension as _, params};
use uuid::Uuid;

use crate::outbox::{mutation, to_sql};
use crate::{Reader, StoreError, Writer};

/// A change that waits until something is switched on again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The refused mutation's number.
    pub mid: u64,
    /// What kind of row it is about.
    pub kind: Kind,
    /// Which row.
    pub id: Uuid,
    /// What is left of it; none: somebody has changed all of it here since.
    pub left: Option<Op>,
    /// When it was refused, by the server's time.
    pub refused_at: UtcMs,
    /// The household's commit at which it was refused.
    pub refused_seq: u64,
}

impl Reader<'_> {
    /// How many changes are parked.
    pub fn parked_count(&self) -> Result<u32, StoreError> {
        Ok(self
            .conn()
            .prepare_cached("SELECT count(*) FROM outbox WHERE parked = 1")?
            .query_row([], |row| row.get(0))?)
    }

    /// The parked changes, oldest first, but for those that wait for a row that is yet to come.
    pub fn parked(&self) -> Result<Vec<Parked>, StoreError> {
        let mut statement = self.conn().prepare_cached(
            "SELECT mid, hlc, kind, id, op, base_seq, waited, settled_at, ack_seq FROM outbox WHERE parked = 1 ORDER BY mid",
        )?;
        let mut rows = statement.query([])?;
        let mut parked = Vec::new();
        while let Some(row) = rows.next()? {
            let made = mutation(row)?;
            if self.waits_for_a_row(&made)? {
                continue;
            }
            parked.push(Parked {
                mid: made.mid,
                kind: made.kind,
                id: made.id,
                left: self.left_of(&made)?,
                refused_at: UtcMs(row.get::<_, Option<i64>>(7)?.unwrap_or_default()),
                refused_seq: row.get::<_, Option<i64>>(8)?.unwrap_or_default() as u64,
            });
        }
        Ok(parked)
    }

    /// What is left of a parked mutation.
    pub(crate) fn left_of(&self, made: &Mutation) -> Result<Option<Op>, StoreError> {
        let later = self.later_ops(made)?;
        Ok(match &made.op {
            act @ Op::Act { .. } => later.is_empty().then(|| act.clone()),
            Op::Patch { fields } => {
                let refused = self.refused_fields(made.mid)?;
                let mut fields = fields.clone();
                if refused.is_empty() && self.is_creation(made)? {
                    return Ok(made_since(fields, later));
                }
                fields.0.retain(|name, _| {
                    let applied = is_applied(&refused, name);
                    let replaced = later.iter().any(|later| match later {
                        Op::Patch { fields } => fields.0.contains_key(name),
                        Op::Act { .. } => false,
                    });
                    !applied && !replaced
                });
                (!fields.0.is_empty()).then_some(Op::Patch { fields })
            }
        })
    }

    /// Whether a row is yet to come by a change before this number.
    fn is_yet_to_come(&self, kind: Kind, id: Uuid, before: u64) -> Result<bool, StoreError> {
        Ok(self
            .conn()
            .prepare_cached(
                "SELECT 1 FROM outbox WHERE kind = ?1 AND id = ?2 AND mid < ?3 AND parked = 1
                 AND NOT EXISTS (SELECT 1 FROM row WHERE kind = ?1 AND id = ?2 AND base IS NOT NULL)",
            )?
            .exists(params![kind.word(), id.as_bytes(), to_sql(before)])?)
    }

    /// Whether a row is on its way, whole, behind what names it.
    fn is_coming(&self, kind: Kind, id: Uuid) -> Result<bool, StoreError> {
        Ok(self
            .conn()
            .prepare_cached(
                "SELECT 1 FROM outbox WHERE kind = ?1 AND id = ?2 AND state = 'pending' AND waited = 1
                 AND NOT EXISTS (SELECT 1 FROM row WHERE kind = ?1 AND id = ?2 AND base IS NOT NULL)",
            )?
            .exists(params![kind.word(), id.as_bytes()])?)
    }

    /// Whether a mutation changes or names a row that is yet to come.
    fn waits_for_a_row(&self, made: &Mutation) -> Result<bool, StoreError> {
        if self.is_yet_to_come(made.kind, made.id, made.mid)? {
            return Ok(true);
        }
        for (kind, id) in named(made) {
            if self.is_yet_to_come(kind, id, made.mid)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a mutation was sent before a row that it names, which is on its way.
    fn came_too_early(&self, made: &Mutation) -> Result<bool, StoreError> {
        for (kind, id) in named(made) {
            if self.is_coming(kind, id)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a mutation made its row, of which the server has never heard.
    fn is_creation(&self, made: &Mutation) -> Result<bool, StoreError> {
        let known = self
            .conn()
            .prepare_cached(
                "SELECT 1 FROM row WHERE kind = ?1 AND id = ?2 AND base IS NOT NULL
                 UNION ALL SELECT 1 FROM outbox WHERE kind = ?1 AND id = ?2 AND mid < ?3
                 AND (state <> 'rejected' OR parked = 1)",
            )?
            .exists(params![made.kind.word(), made.id.as_bytes(), to_sql(made.mid)])?;
        Ok(!known)
    }

    /// Which fields of a mutation were refused; none: all of them.
    fn refused_fields(&self, mid: u64) -> Result<Vec<String>, StoreError> {
        let problem: Option<String> = self
            .conn()
            .prepare_cached("SELECT problem FROM outbox WHERE mid = ?1 AND problem IS NOT NULL")?
            .query_row([to_sql(mid)], |row| row.get(0))
            .optional()?;
        let problem: Option<Problem> = problem.map(|text| serde_json::from_str(&text)).transpose()?;
        Ok(problem.map(|problem| problem.refused).unwrap_or_default())
    }

    /// What was done to the same row here later, without what was refused for good. Of what was parked and is sent again
    /// as another change, there is left what took effect at once, because it protects.
    fn later_ops(&self, made: &Mutation) -> Result<Vec<Op>, StoreError> {
        let mut statement = self.conn().prepare_cached(
            "SELECT op, CASE WHEN state = 'rejected' AND NOT parked THEN problem END FROM outbox
             WHERE kind = ?1 AND id = ?2 AND mid > ?3 ORDER BY mid",
        )?;
        let mut rows = statement.query(params![made.kind.word(), made.id.as_bytes(), to_sql(made.mid)])?;
        let mut later = Vec::new();
        while let Some(row) = rows.next()? {
            let op: Op = serde_json::from_str(&row.get::<_, String>(0)?)?;
            let problem: Option<String> = row.get(1)?;
            match problem {
                None => later.push(op),
                Some(problem) => later.extend(took_effect(op, &serde_json::from_str(&problem)?)),
            }
        }
        Ok(later)
    }

    /// What the server last said of a row, without what was changed here since; none where it said nothing.
    pub fn said(&self, kind: Kind, id: Uuid) -> Result<Option<Fields>, StoreError> {
        let base: Option<String> = self
            .conn()
            .prepare_cached("SELECT base FROM row WHERE kind = ?1 AND id = ?2 AND base IS NOT NULL")?
            .query_row(params![kind.word(), id.as_bytes()], |row| row.get(0))
            .optional()?;
        Ok(base.map(|base| serde_json::from_str(&base)).transpose()?)
    }
}

/// The rows that a choice names.
fn named(made: &Mutation) -> Vec<(Kind, Uuid)> {
    let (Kind::Swipe, Op::Patch { fields }) = (made.kind, &made.op) else {
        return Vec::new();
    };
    let id = |field: &str| fields.0.get(field)?.as_str()?.parse().ok();
    let all = [("actor_pet", Kind::Pet), ("by_child", Kind::Child)];
    all.into_iter()
        .filter_map(|(field, kind)| Some((kind, id(field)?)))
        .collect()
}

/// A row as it was made, with what was changed in it since; none where it was removed.
fn made_since(mut fields: Fields, later: Vec<Op>) -> Option<Op> {
    for op in later {
        if let Op::Patch { fields: changed } = op {
            for (name, value) in changed.0 {
                fields.0.insert(name, value);
            }
        }
    }
    (!fields.is_deleted()).then_some(Op::Patch { fields })
}

/// What of a refused change took effect all the same.
fn took_effect(op: Op, problem: &Problem) -> Option<Op> {
    let Op::Patch { mut fields } = op else {
        return None;
    };
    fields.0.retain(|name, _| is_applied(&problem.refused, name));
    (!fields.0.is_empty()).then_some(Op::Patch { fields })
}

fn removes(made: &Mutation) -> bool {
    matches!(&made.op, Op::Patch { fields } if fields.is_deleted())
}

/// Whether a refusal says that a change is less than a row, or names one that is not there.
fn lacks_row(kind: Kind, problem: &Problem) -> bool {
    let named = |field: &str| [kind.word(), "actor_pet", "by_child"].contains(&field);
    problem.code == ErrorCode::InvalidField && problem.field.as_deref().is_some_and(named)
}

/// Whether a field took effect, of a change of which these were refused; none: all were.
fn is_applied(refused: &[String], name: &str) -> bool {
    !refused.is_empty() && !refused.iter().any(|refused| refused == name)
}

impl Writer<'_> {
    /// Settles a pending mutation that was refused: for good; or, when something is switched off or a row is yet to come,
    /// until that is over. By the device's clock at sending, and the server's.
    /// Returns its row, unless it was settled before.
    pub(crate) fn settle_refused(
        &self,
        mid: u64,
        problem: &Problem,
        seq: u64,
        [sent, answered]: [Hlc; 2],
    ) -> Result<Option<(String, Uuid)>, StoreError> {
        let settled = self.settle_rejected(mid, problem, UtcMs(answered.ms()))?;
        let Some((made, _)) = settled.as_ref().and(self.made(mid)?) else {
            return Ok(settled);
        };
        let lacks_row = lacks_row(made.kind, problem);
        let waits = lacks_row && (self.waits_for_a_row(&made)? || self.came_too_early(&made)?);
        if waits || problem.code == ErrorCode::SwitchedOff {
            let put_right = if made.waited {
                made.hlc
            } else {
                correct(made.hlc, sent, answered.ms(), Hlc(0))
            };
            self.conn()
                .prepare_cached(
                    "UPDATE outbox SET parked = 1, dismissed = 1, ack_seq = ?2, put_right = ?3 WHERE mid = ?1",
                )?
                .execute([to_sql(mid), to_sql(seq), put_right.0 as i64])?;
        } else if lacks_row && (removes(&made) || self.is_coming(made.kind, made.id)?) {
            // The whole row is on its way behind it, with this; or was never sent.
            self.conn()
                .prepare_cached("UPDATE outbox SET dismissed = 1 WHERE mid = ?1")?
                .execute([to_sql(mid)])?;
        }
        Ok(settled)
    }

    /// A mutation, and its stamp as it was put right when it was parked.
    fn made(&self, mid: u64) -> Result<Option<(Mutation, Option<Hlc>)>, StoreError> {
        let mut statement = self.conn().prepare_cached(
            "SELECT mid, hlc, kind, id, op, base_seq, waited, put_right FROM outbox WHERE mid = ?1",
        )?;
        let mut rows = statement.query([to_sql(mid)])?;
        rows.next()?
            .map(|row| {
                let put_right: Option<i64> = row.get(7)?;
                Ok((mutation(row)?, put_right.map(|clock| Hlc(clock as u64))))
            })
            .transpose()
    }

    /// Lets parked changes wait to be sent again, in the order in which they were made.
    pub fn unpark(&self, mids: &[u64]) -> Result<(), StoreError> {
        for mid in mids {
            let Some((made, put_right)) = self.made(*mid)? else {
                continue;
            };
            let left = self.left_of(&made)?;
            // What was changed in a row that is yet to come is in it.
            let after = if self.is_creation(&made)? {
                i64::MAX
            } else {
                to_sql(*mid)
            };
            self.conn()
                .prepare_cached(
                    "UPDATE outbox SET parked = 0 WHERE kind = ?1 AND id = ?2 AND mid BETWEEN ?3 AND ?4",
                )?
                .execute(params![made.kind.word(), made.id.as_bytes(), to_sql(*mid), after])?;
            if let Some(op) = left {
                let mid = self.last_mid()? + 1;
                self.set_last_mid(mid)?;
                self.insert(&Mutation {
                    mid,
                    op,
                    waited: true,
                    hlc: put_right.unwrap_or(made.hlc),
                    ..made.clone()
                })?;
            }
            self.mark_changed();
            self.show(made.kind.word(), made.id)?;
        }
        Ok(())
    }

    /// The same for all of them: what is behind them in the outbox is about to be forgotten.
    pub(crate) fn unpark_all(&self) -> Result<(), StoreError> {
        let mids: Vec<u64> = self.parked()?.iter().map(|parked| parked.mid).collect();
        self.unpark(&mids)
    }

    /// The patches to lay over a row, as [`Reader::left_of`] each that is parked.
    pub(crate) fn as_laid_over(&self, made: Mutation, parked: bool) -> Result<Option<Op>, StoreError> {
        if parked {
            self.left_of(&made)
        } else {
            Ok(Some(made.op))
        }
    }
}
