//! What is written down about a household's sessions. A part of [`super::Tx`].
//!
//! Deliberately absent: changing or removing a single entry of the security log.

use romp_domain::{HouseholdId, UtcMs};

use super::{AuditRecord, Fault};

/// The household's security log.
pub trait Log {
    /// Adds an entry to the security log. In the same transaction as what it tells of.
    fn audit(&mut self, household: HouseholdId, record: &AuditRecord) -> Result<(), Fault>;
    /// Entries with their numbers, the last ones first: those before entry `before` (all of them, if it is none), at
    /// most `limit`.
    fn audit_of(
        &mut self,
        household: HouseholdId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, AuditRecord)>, Fault>;
    /// Forgets the entries of all households from before `before`, at most `limit`. Returns how many there were.
    fn forget_audit(&mut self, before: UtcMs, limit: usize) -> Result<u64, Fault>;
}
