//! The swipes of each deck in order, with what was there before: what undo takes back, also after a restart.

use romp_domain::{CardId, ChildId, PetId, Swipe, Verdict};
use rusqlite::params;
use uuid::Uuid;

use crate::{Reader, StoreError, Writer};

/// One swipe made on this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedSwipe {
    /// Its place in the order of all swipes.
    pub n: i64,
    /// The pet on the card.
    pub target: PetId,
    /// The verdict it gave.
    pub verdict: Verdict,
    /// The child who gave it; none is an owner.
    pub by_child: Option<ChildId>,
    /// The swipe as it was before; `None` when there was none.
    pub before: Option<Swipe>,
}

impl Reader<'_> {
    /// The swipes made on this device in the deck of `actor` whose card is still there, newest first. In a child's
    /// hands, those made since it is.
    pub fn swipes_made(&self, actor: PetId) -> Result<Vec<LoggedSwipe>, StoreError> {
        let after = self.handed()?.map_or(0, |handed| handed.after_swipe);
        let mut statement = self.conn().prepare_cached(
            "SELECT n, target, verdict, before, by_child FROM swipe_log WHERE actor = ?1 AND n > ?2 ORDER BY n DESC",
        )?;
        let mut rows = statement.query(params![actor.0.as_bytes(), after])?;
        let mut list = Vec::new();
        while let Some(row) = rows.next()? {
            let verdict: String = row.get(2)?;
            list.push(LoggedSwipe {
                n: row.get(0)?,
                target: PetId(Uuid::from_bytes(row.get(1)?)),
                verdict: Verdict::from_word(&verdict).ok_or(StoreError::Damaged(verdict))?,
                by_child: row
                    .get::<_, Option<String>>(4)?
                    .and_then(|child| child.parse().ok()),
                before: row
                    .get::<_, Option<String>>(3)?
                    .map(|text| serde_json::from_str(&text))
                    .transpose()?,
            });
        }
        Ok(list)
    }
}

impl Writer<'_> {
    /// Notes a swipe and what it replaced.
    pub fn log_swipe(
        &self,
        actor: PetId,
        target: PetId,
        verdict: Verdict,
        by_child: Option<ChildId>,
        before: Option<&Swipe>,
    ) -> Result<(), StoreError> {
        let before = before.map(serde_json::to_string).transpose()?;
        self.conn()
            .prepare_cached(
                "INSERT INTO swipe_log (actor, target, card, verdict, before, by_child) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                actor.0.as_bytes(),
                target.0.as_bytes(),
                CardId::of(actor, target).0.as_bytes(),
                verdict.word(),
                before,
                by_child.map(|child| child.to_string()),
            ])?;
        Ok(())
    }

    /// Forgets swipe `n` of `actor` and every one after it: it was taken back, and those can no longer be.
    pub fn unlog_swipes_from(&self, actor: PetId, n: i64) -> Result<(), StoreError> {
        self.conn()
            .prepare_cached("DELETE FROM swipe_log WHERE actor = ?1 AND n >= ?2")?
            .execute(params![actor.0.as_bytes(), n])?;
        Ok(())
    }

    /// Forgets the swipes whose card has left the deck.
    pub(crate) fn prune_swipe_log(&self) -> Result<(), StoreError> {
        self.conn()
            .prepare_cached(
                "DELETE FROM swipe_log WHERE NOT EXISTS (
                     SELECT 1 FROM row WHERE row.kind = 'card' AND row.id = swipe_log.card)",
            )?
            .execute([])?;
        Ok(())
    }
}
