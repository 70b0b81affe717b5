//! What families report about others, for whoever runs the server.
//!
//! A report is a part of a block, in the reporting family's own rows: it comes by sync, so it can be written without a
//! connection; the family that is reported neither sees it nor can remove it. It goes with the reporting family.
//!
//! Deliberately absent: judging. What is done about a report, people decide.

use std::fmt;

use jiff::Timestamp;
use romp_domain::{Block, Entity, HouseholdId, PetId, Problem, UtcMs};
use romp_sync::Registers;

use crate::db::{DbExt, Fault, NOBODY, Tx};
use crate::server::Server;

/// The field with what happened.
pub(crate) const FIELD: &str = "report";

/// A report.
#[derive(Debug)]
pub struct Report {
    /// When it was written, by the clock of the family's device as the server corrected it.
    pub at: UtcMs,
    /// The pet by which the reporting family knows the other one.
    pub pet: PetId,
    /// What is kept of that pet, whether the family is still kept away, and what happened.
    pub block: Block,
    /// Who reports.
    pub by: Family,
    /// Who is reported; none when no family has the pet any more.
    pub about: Option<Family>,
}

/// A family, as whoever runs the server can find it.
#[derive(Debug)]
pub struct Family {
    /// Its id.
    pub household: HouseholdId,
    /// The addresses of its owners.
    pub addresses: Vec<String>,
}

/// All reports, the last first.
///
/// # Errors
/// The database cannot be read.
pub fn reports(server: &Server) -> Result<Vec<Report>, Problem> {
    let mut all = server.db.read(|tx| {
        let found = tx.reports()?;
        let reports = found
            .into_iter()
            .filter_map(|(by, pet, block)| report(tx, by, pet, &block).transpose());
        reports.collect::<Result<Vec<_>, _>>()
    })?;
    all.sort_by_key(|report| std::cmp::Reverse(report.at));
    Ok(all)
}

fn report(tx: &mut dyn Tx, by: HouseholdId, pet: PetId, row: &Registers) -> Result<Option<Report>, Fault> {
    let Some(block) = Block::read_known(&row.fields).filter(|block| block.report.is_some()) else {
        return Ok(None);
    };
    let owner = tx.owner_of_pet(pet)?.filter(|owner| *owner != NOBODY);
    Ok(Some(Report {
        at: UtcMs(row.stamps.get(FIELD).map_or(0, |stamp| stamp.0.ms())),
        pet,
        block,
        by: family(tx, by)?,
        about: owner.map(|owner| family(tx, owner)).transpose()?,
    }))
}

fn family(tx: &mut dyn Tx, household: HouseholdId) -> Result<Family, Fault> {
    let users = tx.users_of(household)?.into_iter();
    Ok(Family {
        household,
        addresses: users.map(|user| user.email.as_str().to_owned()).collect(),
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = Timestamp::from_millisecond(self.at.0).unwrap_or_default();
        let name = self.block.name.as_ref().map_or("a pet", |name| name.as_str());
        let kept = if self.block.blocked {
            "kept away"
        } else {
            "not kept away any more"
        };
        writeln!(f, "{at:.0}  about the family of {name} ({}), {kept}", self.pet)?;
        match &self.about {
            Some(family) => writeln!(f, "  reported: {family}")?,
            None => writeln!(f, "  reported: nobody has this pet any more")?,
        }
        writeln!(f, "  reports:  {}", self.by)?;
        let text = self.block.report.as_ref().map_or("", |text| text.as_str());
        write!(f, "  “{text}”")
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "family {}", self.household)?;
        self.addresses
            .iter()
            .try_for_each(|address| write!(f, " {address}"))
    }
}
