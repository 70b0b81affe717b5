//! A household's sessions. A part of [`super::Tx`].

use romp_domain::HouseholdId;

use super::{Fault, SessionRecord};

/// Sessions, as their household sees them.
pub trait Sessions {
    /// The sessions of a household, also those that have ended.
    fn sessions_of(&mut self, household: HouseholdId) -> Result<Vec<SessionRecord>, Fault>;
}
