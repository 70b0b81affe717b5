//! The swipes of one transaction: looked up together before they are judged, and stored together with the notes.
//!
//! A push is a hundred swipes, and a statement for each step of each is most of what it would cost. Between the two they
//! are known here only: nothing looks for a family's own swipes in the storage during its push.

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use foldhash::HashMap;
use romp_domain::{DeviceId, Entity, HouseholdId, Kind, Swipe, SwipeId};
use romp_sync::Registers;
use uuid::Uuid;

use super::Work;
use crate::db::{Fault, SwipeWrite};

/// A swipe that was looked up or changed.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The row; none where there is none.
    pub(super) row: Option<Arc<Registers>>,
    /// It was looked up, and there is none stored.
    is_new: bool,
    /// It is to be stored.
    pub(super) to_store: bool,
    /// Who withheld its release with that.
    pub(super) withheld_by: Option<DeviceId>,
}

impl Known {
    fn stored(row: Option<Registers>) -> Self {
        Self {
            is_new: row.is_none(),
            row: row.map(Arc::new),
            ..Self::default()
        }
    }
}

impl Work<'_> {
    /// Looks a household's swipes up together.
    pub(crate) fn expect_swipes(&mut self, household: HouseholdId, ids: &[Uuid]) -> Result<(), Fault> {
        if ids.is_empty() {
            return Ok(());
        }
        let found = self.tx.swipe_rows(household, ids)?;
        let mut found: HashMap<_, _> = found.into_iter().collect();
        self.swipe_rows.reserve(ids.len());
        for id in ids {
            // What is known already may be newer than what is stored.
            if let Entry::Vacant(new) = self.swipe_rows.entry((household, *id)) {
                new.insert(Known::stored(found.remove(id)));
            }
        }
        Ok(())
    }

    /// One of the family's own rows.
    pub(crate) fn row(
        &mut self,
        household: HouseholdId,
        kind: Kind,
        id: Uuid,
    ) -> Result<Option<Arc<Registers>>, Fault> {
        if kind != Kind::Swipe {
            return Ok(self.tx.row(household, kind, id)?.map(Arc::new));
        }
        Ok(match self.swipe_rows.entry((household, id)) {
            Entry::Occupied(known) => known.get().row.clone(),
            Entry::Vacant(new) => {
                let known = Known::stored(self.tx.row(household, kind, id)?);
                new.insert(known).row.clone()
            }
        })
    }

    /// The same, for somebody who will not ask for it again.
    pub(crate) fn row_once(
        &mut self,
        household: HouseholdId,
        kind: Kind,
        id: Uuid,
    ) -> Result<Option<Registers>, Fault> {
        if kind == Kind::Swipe
            && !self.is_to_be_stored(household, id)
            && let Some(known) = self.swipe_rows.remove(&(household, id))
        {
            return Ok(known.row.map(Arc::unwrap_or_clone));
        }
        Ok(self.row(household, kind, id)?.map(Arc::unwrap_or_clone))
    }

    /// A swipe of the family's own.
    pub(crate) fn swipe(&mut self, household: HouseholdId, id: SwipeId) -> Result<Option<Swipe>, Fault> {
        let row = self.row(household, Kind::Swipe, id.0)?;
        let row = row.filter(|row| !row.fields.is_deleted());
        Ok(row.and_then(|row| Swipe::read_known(&row.fields)))
    }

    /// Whether a swipe is to be stored.
    pub(super) fn is_to_be_stored(&self, household: HouseholdId, id: Uuid) -> bool {
        let known = self.swipe_rows.get(&(household, id));
        known.is_some_and(|known| known.to_store)
    }

    /// The swipes that are to be stored, by their households, in the order of their ids.
    pub(super) fn swipes_to_store(&self) -> BTreeMap<HouseholdId, Vec<SwipeWrite>> {
        let mut to_store: BTreeMap<HouseholdId, Vec<SwipeWrite>> = BTreeMap::new();
        for ((household, id), known) in self.swipe_rows.iter().filter(|(_, known)| known.to_store) {
            let Some(row) = known.row.clone() else { continue };
            to_store.entry(*household).or_default().push(SwipeWrite {
                id: *id,
                row,
                is_new: known.is_new,
                withheld_by: known.withheld_by,
            });
        }
        for swipes in to_store.values_mut() {
            swipes.sort_unstable_by_key(|swipe| swipe.id);
        }
        to_store
    }

    /// How many rows of a kind a household has, removed ones included.
    pub(crate) fn number_of(&mut self, household: HouseholdId, kind: Kind) -> Result<u64, Fault> {
        if kind != Kind::Swipe {
            return self.tx.count_rows(household, kind);
        }
        let (before, new) = self.swipes_of(household)?;
        Ok(*before + *new)
    }

    /// Notes that a swipe is new.
    pub(crate) fn new_swipe(&mut self, household: HouseholdId) -> Result<(), Fault> {
        self.swipes_of(household)?.1 += 1;
        Ok(())
    }

    fn swipes_of(&mut self, household: HouseholdId) -> Result<&mut (u64, u64), Fault> {
        if !self.swipes.contains_key(&household) {
            let before = self.household(household)?.map_or(0, |known| known.swipes);
            self.swipes.insert(household, (before, 0));
        }
        Ok(self.swipes.entry(household).or_default())
    }
}
