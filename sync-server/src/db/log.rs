//! What is written down about a household's sessions. A part of [`super::Tx`].
//!
//! Deliberately absent: changing or removing a single entry of the security log.

use romp_domain::{HouseholdId, SessionId, UtcMs};

use super::{AuditRecord, CallCount, Fault};

/// The household's security log, and what its sessions called.
pub trait Log {
    /// Adds an entry to the security log, however many there are. Only `audit::note` does so, and tests.
    fn append_audit(&mut self, household: HouseholdId, record: &AuditRecord) -> Result<(), Fault>;
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
    /// Adds to what was called. Counts of sessions that are gone are passed over.
    fn add_calls(&mut self, counts: &[CallCount]) -> Result<(), Fault>;
    /// What the sessions of a household called, or one of them, the last day first, at most `limit`.
    fn calls_of(
        &mut self,
        household: HouseholdId,
        session: Option<SessionId>,
        limit: usize,
    ) -> Result<Vec<CallCount>, Fault>;
    /// Forgets what was called on days that began before `before`, at most `limit`. Returns how many counts there were.
    fn forget_calls(&mut self, before: UtcMs, limit: usize) -> Result<u64, Fault>;
    /// Whether there is an entry of the security log from before `entries`, or a count of a day before `counts`.
    fn is_any_older(&mut self, entries: UtcMs, counts: UtcMs) -> Result<bool, Fault>;
}
