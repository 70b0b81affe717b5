//! The app's guard: calls that are switched off are refused, and so are changes, field by field, in the transaction that
//! makes them.
//!
//! What protects the family is never refused. Where a call does both, the protective part takes effect, and the call is
//! answered with why the rest did not.

use std::collections::BTreeSet;

use romp_domain::calls::Request;
use romp_domain::policy::{Switchable, operation_of_act, operation_of_field};
use romp_domain::switch::Word;
use romp_domain::{ChildId, Entity, Fields, Kind, Op, Problem, Swipe};
use romp_store::{Made, Reader, StoreError, Writer};
use uuid::Uuid;

use super::force::Known;
use super::habits;
use crate::App;

/// What protects, of changes that were refused: to be made on its own.
type Protection = Vec<(Kind, Uuid, Fields)>;

impl App {
    /// Refuses a call that is switched off as a whole.
    pub(crate) fn refuse_switched_off(&self, request: &Request) -> Result<(), Problem> {
        let Switchable::As(operation) = request.name().switchable() else {
            return Ok(());
        };
        self.store.read(|reader| {
            let child = match request {
                Request::Swipe(call) => call.child,
                _ => reader.handed()?.and_then(|handed| handed.child),
            };
            let known = self.known(&reader)?;
            match known.word(operation, child) {
                Some(word) => Err(word.problem(known.now)),
                None => Ok(()),
            }
        })
    }

    /// Looks and changes in one transaction, as [`romp_store::Store::write`], unless something in it is switched off.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&Writer<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut protection = Protection::new();
        let answer = self.store.write(|writer| {
            // First, so that they come before what is done now.
            self.unpark(&writer)?;
            let before = writer.last_made()?;
            let answer = change(&writer)?;
            let made = writer.made_since(before)?;
            match self.judge(&writer, &made)? {
                None => Ok(answer),
                Some(problem) => {
                    protection = protective(&writer, &made)?;
                    Err(problem)
                }
            }
        });
        if !protection.is_empty() {
            self.store.write(|writer| {
                for (kind, id, fields) in &protection {
                    if *kind == Kind::Household || writer.has(*kind, *id)? {
                        writer.patch(*kind, *id, fields)?;
                    }
                }
                Ok::<_, StoreError>(())
            })?;
        }
        answer
    }

    /// Why changes that were just made are refused; none when nothing of them is switched off.
    fn judge(&self, reader: &Reader<'_>, made: &[Made]) -> Result<Option<Problem>, Problem> {
        if made.is_empty() {
            return Ok(None);
        }
        let known = self.known(reader)?;
        let mut chosen: BTreeSet<(ChildId, Uuid)> = BTreeSet::new();
        for made in made {
            let child = child_of(reader, made.kind, made.id, &made.op)?;
            if let Some(problem) = refusal(&known, made.kind, &made.op, child, &said(reader, made)?) {
                return Ok(Some(problem));
            }
            let chooses = matches!(&made.op, Op::Patch { fields }
                if made.kind == Kind::Swipe && fields.0.get("verdict").is_some_and(|verdict| !verdict.is_null()));
            chosen.extend(child.filter(|_| chooses).map(|child| (child, made.id)));
        }
        for (child, _) in &chosen {
            let swipes = chosen
                .iter()
                .filter(|(by, _)| by == child)
                .map(|(_, id)| *id)
                .collect();
            if let Some(problem) = habits::refuse(reader, &known, *child, &swipes)? {
                return Ok(Some(problem));
            }
        }
        Ok(None)
    }
}

/// The child for whom something is chosen: the one that a change names, or whose choice it changes.
pub(super) fn child_of(
    reader: &Reader<'_>,
    kind: Kind,
    id: Uuid,
    op: &Op,
) -> Result<Option<ChildId>, StoreError> {
    match op {
        Op::Patch { fields } if kind == Swipe::KIND => match fields.0.get("by_child") {
            Some(child) => Ok(serde_json::from_value(child.clone()).ok()),
            None => Ok(reader.get::<Swipe>(id)?.and_then(|swipe| swipe.by_child)),
        },
        _ => Ok(None),
    }
}

/// Why a change is refused, if anything in it is switched off.
/// `said` is what the server says of the row.
pub(super) fn refusal(
    known: &Known,
    kind: Kind,
    op: &Op,
    child: Option<ChildId>,
    said: &Fields,
) -> Option<Problem> {
    Some(longest(known, kind, op, child, said)?.problem(known.now))
}

/// What turns a change off for longest.
pub(super) fn longest(
    known: &Known,
    kind: Kind,
    op: &Op,
    child: Option<ChildId>,
    said: &Fields,
) -> Option<Word> {
    let operations: BTreeSet<_> = match op {
        Op::Patch { fields } => fields
            .0
            .iter()
            .filter_map(|(field, value)| operation_of_field(kind, field, said.0.get(field), value))
            .collect(),
        Op::Act { act, .. } => operation_of_act(*act).into_iter().collect(),
    };
    let words = operations
        .into_iter()
        .filter_map(|operation| known.word(operation, child));
    words.max_by_key(|word| word.until)
}

/// What the server says of the row that a change is of.
fn said(reader: &Reader<'_>, made: &Made) -> Result<Fields, StoreError> {
    Ok(reader.said(made.kind, made.id)?.unwrap_or_default())
}

/// What of changes cannot be switched off. Of a child's choice nothing is kept: it takes back the release that an owner
/// gave for the one before, and that must not be all that is left of it.
fn protective(reader: &Reader<'_>, made: &[Made]) -> Result<Protection, StoreError> {
    let mut parts = Protection::new();
    for made in made {
        let Op::Patch { fields } = &made.op else { continue };
        if made.kind == Kind::Swipe && Swipe::is_by_a_child(fields) {
            continue;
        }
        let (mut fields, said) = (fields.clone(), said(reader, made)?);
        fields
            .0
            .retain(|field, value| operation_of_field(made.kind, field, said.0.get(field), value).is_none());
        if !fields.0.is_empty() {
            parts.push((made.kind, made.id, fields));
        }
    }
    Ok(parts)
}
