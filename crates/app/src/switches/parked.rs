//! Sending again what was refused because it was switched off: as soon as it is not, by all that is known here.

use romp_domain::Problem;
use romp_domain::time::MINUTE_MS;
use romp_store::{Parked, Reader, Writer};

use super::force::Known;
use super::guard::{child_of, refusal};
use crate::App;

/// What the server refuses although nothing here says so is tried again so often, and whenever the family's rows have
/// changed since.
const AGAIN_MS: i64 = MINUTE_MS;

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
        let rested = !(0..AGAIN_MS).contains(&self.now().since_ms(parked.refused_at));
        if !rested && reader.cursor()? <= parked.refused_seq {
            return Ok(false);
        }
        let Some(op) = &parked.left else {
            return Ok(true);
        };
        let child = child_of(reader, parked.kind, parked.id, op)?;
        let said = reader.said(parked.kind, parked.id)?.unwrap_or_default();
        Ok(refusal(known, parked.kind, op, child, &said).is_none())
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
