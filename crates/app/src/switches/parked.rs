//! Sending again what was refused because it was switched off: as soon as it is not, by all that is known here.

use std::time::Duration;

use romp_domain::Problem;
use romp_domain::switch::Until;
use romp_domain::time::MINUTE_MS;
use romp_store::{Parked, Reader, Writer};
use romp_sync::MAX_AHEAD_MS;

use super::force::Known;
use super::guard::{child_of, longest};
use crate::App;

/// What the server refuses although nothing here says so is tried again so often, and whenever the family's rows have
/// changed since.
const AGAIN_MS: i64 = MINUTE_MS;

/// What waits is looked at no more often than this. Also how long after the end of a switch: the server's clock may be a
/// little behind what is known of it here.
const SOON_MS: i64 = 1_000;

impl App {
    /// Lets what was refused wait to be sent again, where nothing is in force any more. Returns whether anything was.
    pub(crate) fn unpark(&self, writer: &Writer<'_>) -> Result<bool, Problem> {
        // Until everything was pulled, this device does not know what is switched off.
        if writer.parked_count()? == 0 || !writer.is_up_to_date()? {
            return Ok(false);
        }
        let known = self.known(writer)?;
        let mut due = Vec::new();
        for parked in writer.parked()? {
            if self.is_due(writer, &known, &parked)? {
                due.push(parked.mid);
            }
        }
        writer.unpark(&due)?;
        Ok(!due.is_empty())
    }

    fn is_due(&self, reader: &Reader<'_>, known: &Known, parked: &Parked) -> Result<bool, Problem> {
        let due = self.due_in_ms(reader, known, parked)?;
        Ok(due.is_some_and(|due_in_ms| due_in_ms <= 0))
    }

    /// How long until a parked change is worth another try; none while nobody knows.
    fn due_in_ms(&self, reader: &Reader<'_>, known: &Known, parked: &Parked) -> Result<Option<i64>, Problem> {
        let since_ms = reader.time(self.now())?.since_ms(parked.refused_at);
        let has_news = reader.cursor()? > parked.refused_seq;
        let rests_ms = if (-MAX_AHEAD_MS..AGAIN_MS).contains(&since_ms) && !has_news {
            AGAIN_MS - since_ms
        } else {
            0
        };
        let Some(op) = &parked.left else {
            return Ok(Some(rests_ms));
        };
        let child = child_of(reader, parked.kind, parked.id, op)?;
        let said = reader.said(parked.kind, parked.id)?.unwrap_or_default();
        Ok(
            match longest(known, parked.kind, op, child, &said).map(|word| word.until) {
                None => Some(rests_ms),
                Some(Until::At(end)) => Some(rests_ms.max(end.since_ms(known.now))),
                Some(Until::Lifted) => None,
            },
        )
    }

    /// How long until something that is parked is worth another try, by the switches that are known here. None while
    /// nothing is parked, or nobody knows when it is over.
    pub(crate) fn parked_for(&self) -> Option<Duration> {
        let read = self.store.read(|reader| {
            if reader.parked_count()? == 0 {
                return Ok(None);
            }
            let known = self.known(&reader)?;
            let mut first = None;
            for parked in reader.parked()? {
                let due = self.due_in_ms(&reader, &known, &parked)?;
                first = [first, due].into_iter().flatten().min();
            }
            Ok::<_, Problem>(first)
        });
        let ms = read.ok().flatten()?.max(0).saturating_add(SOON_MS);
        Some(Duration::from_millis(ms.unsigned_abs()))
    }

    /// The same, on its own.
    pub(crate) fn unpark_now(&self) -> Result<bool, Problem> {
        let waits = self.store.read(|reader| reader.parked_count())? > 0;
        if waits {
            self.store.write(|writer| self.unpark(&writer))
        } else {
            Ok(false)
        }
    }
}
