//! One transaction's worth of sync: the storage, the time, and which households' views have changed.
//!
//! Changed views are collected and written at the end, household by household in the order of their ids: so every
//! transaction takes the households' locks in the same order, and each household gets one commit number.

mod swipes;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt as _};
use jiff::civil::Date;
use romp_domain::policy::Operation;
use romp_domain::switch::Word;
use romp_domain::{
    Area, ChildId, DeviceId, Entity, Hlc, Household, HouseholdId, Kind, PetId, SessionId, SwipeId, SwitchId,
    UtcMs, ZoneName, row::HOUSEHOLD_ROW,
};
use romp_sync::Registers;
use uuid::Uuid;

use super::effects::After;
use super::parties::{Family, load};
use super::switches::{self, Switches};
use crate::db::{Fault, FeedEntry, HouseholdRecord, NOBODY, RELEASED, Restriction, Tx};

use swipes::Known;

/// A transaction in progress.
pub(crate) struct Work<'a> {
    /// The storage.
    pub(crate) tx: &'a mut dyn Tx,
    /// The server's time.
    pub(crate) now: UtcMs,
    /// When the device that speaks was here last, before this transaction; none where nobody speaks.
    pub(super) seen_at: Option<UtcMs>,
    /// The rows whose views change, and whether they are gone.
    changed: BTreeMap<(HouseholdId, Kind, Uuid), bool>,
    /// What was restricted, to be noted with the commit number.
    restricted: Vec<(HouseholdId, Restriction)>,
    /// The highest clock values that households' rows have got.
    clocks: BTreeMap<HouseholdId, Hlc>,
    /// Families as matching sees them, loaded once a transaction.
    families: BTreeMap<HouseholdId, Option<Arc<Family>>>,
    /// Households that are known to have an address proved, or not to be asked for it.
    verified: BTreeSet<HouseholdId>,
    /// Households' pets and whether each was removed, looked up once a transaction.
    pets: BTreeMap<HouseholdId, BTreeMap<PetId, bool>>,
    /// Whom households keep away, looked up once a transaction.
    blocks: BTreeMap<HouseholdId, Arc<BTreeSet<HouseholdId>>>,
    /// Swipes that were looked up or changed: a batch may hold hundreds.
    swipe_rows: HashMap<(HouseholdId, Uuid), Known>,
    /// Swipes with a release for a yes that was stored: what it leads to is seen at the end.
    pub(super) let_out: BTreeSet<(HouseholdId, SwipeId)>,
    /// What is done once, at the end of the batch.
    pub(super) after: After,
    /// Whether there are pets that were not there before: by which others may have blocked the family.
    pub(super) pets_came: bool,
    /// Households as they were before this transaction.
    households: BTreeMap<HouseholdId, Option<HouseholdRecord>>,
    /// The households' numbers of swipes before, and new ones to be added.
    swipes: BTreeMap<HouseholdId, (u64, u64)>,
    /// What households have switched off, looked up once a transaction.
    switches: BTreeMap<HouseholdId, Arc<Switches>>,
    /// What they mean for a session, an operation and a child, worked out once a transaction: one batch asks it
    /// thousands of times.
    pub(super) words: BTreeMap<(SessionId, Operation, Option<ChildId>), Option<Word>>,
    /// What was refused because it is switched off, and by which switch: for the log.
    pub(super) met: BTreeSet<(Operation, SwitchId)>,
    /// The devices as which a session ever spoke, looked up once a transaction.
    pub(super) spoke: BTreeMap<SessionId, Arc<[DeviceId]>>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(tx: &'a mut dyn Tx, now: UtcMs) -> Self {
        Self {
            tx,
            now,
            seen_at: None,
            changed: BTreeMap::new(),
            restricted: Vec::new(),
            clocks: BTreeMap::new(),
            families: BTreeMap::new(),
            verified: BTreeSet::new(),
            pets: BTreeMap::new(),
            blocks: BTreeMap::new(),
            swipe_rows: HashMap::new(),
            let_out: BTreeSet::new(),
            after: After::default(),
            pets_came: false,
            households: BTreeMap::new(),
            swipes: BTreeMap::new(),
            switches: BTreeMap::new(),
            words: BTreeMap::new(),
            met: BTreeSet::new(),
            spoke: BTreeMap::new(),
        }
    }

    /// Notes that a household's view of a row changes with this transaction.
    pub(crate) fn changed(&mut self, household: HouseholdId, kind: Kind, id: Uuid) {
        self.changed.insert((household, kind, id), false);
    }

    /// Notes that a household's view of a row ends with this transaction.
    pub(crate) fn gone(&mut self, household: HouseholdId, kind: Kind, id: Uuid) {
        self.changed.insert((household, kind, id), true);
    }

    /// Notes that a field of a changed row was set to its careful value.
    pub(crate) fn restricted(
        &mut self,
        household: HouseholdId,
        kind: Kind,
        id: Uuid,
        field: &str,
        device: DeviceId,
    ) {
        if kind == Kind::Swipe
            && field == RELEASED
            && let Some(known) = self.swipe_rows.get_mut(&(household, id))
            && known.to_store
        {
            known.withheld_by = Some(device);
            return;
        }
        let restriction = Restriction {
            kind,
            id,
            field: field.to_owned(),
            // Told when the notes are written.
            seq: 0,
            device,
        };
        self.restricted.push((household, restriction));
    }

    /// Notes a clock value in the household's rows; the highest counts. Written with the notes, because it takes the household's
    /// lock.
    pub(crate) fn raise_clock(&mut self, household: HouseholdId, clock: Hlc) {
        let known = self.clocks.entry(household).or_default();
        *known = clock.max(*known);
    }

    /// Stores one of the family's own rows and tells its devices. Swipes are stored with the notes, all at once: until
    /// then they are known here only.
    pub(crate) fn put_row(
        &mut self,
        household: HouseholdId,
        kind: Kind,
        id: Uuid,
        row: &Arc<Registers>,
    ) -> Result<(), Fault> {
        if kind == Kind::Swipe {
            // Its note is written with it.
            self.changed.remove(&(household, kind, id));
            let known = self.swipe_rows.entry((household, id)).or_default();
            known.row = Some(Arc::clone(row));
            known.to_store = true;
            return Ok(());
        }
        self.tx.put_row(household, kind, id, row)?;
        if row.fields.is_deleted() {
            self.gone(household, kind, id);
        } else {
            self.changed(household, kind, id);
        }
        self.families.remove(&household);
        if kind == Kind::Pet {
            self.pets.remove(&household);
        }
        if matches!(kind, Kind::Pet | Kind::Block) {
            // Somebody may block the family that has this pet.
            self.blocks.clear();
            self.families.clear();
        }
        if matches!(kind, Kind::Switch | Kind::Household) {
            self.switches.remove(&household);
            self.words.clear();
        }
        Ok(())
    }

    /// What a household has switched off.
    pub(crate) fn switches(&mut self, household: HouseholdId) -> Result<Arc<Switches>, Fault> {
        if let Some(known) = self.switches.get(&household) {
            return Ok(known.clone());
        }
        let loaded = Arc::new(switches::load(self, household)?);
        self.switches.insert(household, loaded.clone());
        Ok(loaded)
    }

    /// The household's pets, and whether each was removed.
    pub(crate) fn pets(&mut self, household: HouseholdId) -> Result<&BTreeMap<PetId, bool>, Fault> {
        Ok(match self.pets.entry(household) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(self.tx.pets_of(household)?.into_iter().collect()),
        })
    }

    /// The households that a household keeps away. For [`Self::are_apart`] and for matching only: nobody is told.
    pub(super) fn blocks(&mut self, household: HouseholdId) -> Result<Arc<BTreeSet<HouseholdId>>, Fault> {
        if let Some(known) = self.blocks.get(&household) {
            return Ok(known.clone());
        }
        let blocks: Arc<BTreeSet<_>> = Arc::new(self.tx.blocked_by(household)?.into_iter().collect());
        self.blocks.insert(household, blocks.clone());
        Ok(blocks)
    }

    /// Whether one of two households keeps the other away.
    pub(super) fn are_apart(&mut self, one: HouseholdId, other: HouseholdId) -> Result<bool, Fault> {
        Ok(self.blocks(one)?.contains(&other) || self.blocks(other)?.contains(&one))
    }

    /// The household as it was before this transaction.
    pub(crate) fn household(&mut self, id: HouseholdId) -> Result<Option<&HouseholdRecord>, Fault> {
        Ok(match self.households.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(self.tx.household(id)?),
        }
        .as_ref())
    }

    /// A family as matching sees it, unless it does not take part.
    pub(crate) fn family(&mut self, household: HouseholdId) -> Result<Option<Arc<Family>>, Fault> {
        if let Some(known) = self.families.get(&household) {
            return Ok(known.clone());
        }
        let family = load(self, household)?.map(Arc::new);
        self.families.insert(household, family.clone());
        Ok(family)
    }

    /// Writes the notes, and the swipes with theirs. Returns each touched household's new commit number.
    pub(crate) fn finish(self) -> Result<BTreeMap<HouseholdId, u64>, Fault> {
        let mut heads = BTreeMap::new();
        let notes: BTreeSet<HouseholdId> = self.changed.keys().map(|(household, ..)| *household).collect();
        let mut to_store = self.swipes_to_store();
        let told: BTreeSet<_> = notes.into_iter().chain(to_store.keys().copied()).collect();
        // In the order of ids, because each is locked.
        for household in told
            .iter()
            .chain(self.clocks.keys())
            .copied()
            .collect::<BTreeSet<_>>()
        {
            let clock = self.clocks.get(&household).copied().unwrap_or_default();
            if household == NOBODY {
                continue;
            }
            if !told.contains(&household) {
                self.tx.raise_clock(household, clock)?;
                continue;
            }
            let new = self.swipes.get(&household).map_or(0, |(_, new)| *new);
            let seq = self.tx.begin_commit(household, clock, new)?;
            heads.insert(household, seq);
            if let Some(swipes) = to_store.remove(&household) {
                self.tx.put_swipes(household, seq, &swipes)?;
            }
            let notes = self.notes(household, seq);
            if !notes.is_empty() {
                self.tx.mark_all(household, &notes)?;
            }
        }
        for (household, mut restriction) in self.restricted {
            restriction.seq = heads.get(&household).copied().unwrap_or_default();
            self.tx.put_restriction(household, &restriction)?;
        }
        Ok(heads)
    }

    fn notes(&self, household: HouseholdId, seq: u64) -> Vec<FeedEntry> {
        let of_household = self.changed.range((household, Kind::ALL[0], Uuid::nil())..);
        of_household
            .take_while(|((of, ..), _)| *of == household)
            .filter(|((_, kind, id), _)| *kind != Kind::Swipe || !self.is_to_be_stored(household, *id))
            .map(|((_, kind, id), gone)| FeedEntry {
                kind: *kind,
                id: *id,
                seq,
                gone: *gone,
            })
            .collect()
    }

    /// The household's settings; those of a household that has said nothing yet if there are none.
    ///
    /// A family that has been asked to prove an address, and has not, shares nothing, whatever it agreed to: this and
    /// [`Tx::households_near`] are the only ways by which others learn that it is there.
    pub(crate) fn settings(&mut self, household: HouseholdId) -> Result<Household, Fault> {
        let row = self.tx.row(household, Kind::Household, HOUSEHOLD_ROW)?;
        let mut settings = row
            .and_then(|row| Household::read_known(&row.fields))
            .unwrap_or_else(|| Household::new(ZoneName::utc()));
        if settings.share_consent.is_some() && !self.is_verified(household)? {
            settings.share_consent = None;
        }
        Ok(settings)
    }

    fn is_verified(&mut self, household: HouseholdId) -> Result<bool, Fault> {
        if !self.verified.contains(&household) {
            if self.tx.is_unverified(household)? {
                return Ok(false);
            }
            self.verified.insert(household);
        }
        Ok(true)
    }

    /// The households in a box of grid cells that take part, but one.
    pub(crate) fn households_near(
        &mut self,
        south_west: Area,
        north_east: Area,
        except: HouseholdId,
    ) -> Result<Vec<HouseholdId>, Fault> {
        let near = self.tx.households_near(south_west, north_east, except)?;
        self.verified.extend(&near);
        Ok(near)
    }

    /// The entities of a kind that a household has.
    pub(crate) fn all<E: Entity>(&mut self, household: HouseholdId) -> Result<Vec<(Uuid, E)>, Fault> {
        let rows = self.tx.rows(household, E::KIND)?;
        Ok(rows
            .into_iter()
            .filter_map(|(id, fields)| Some((id, E::read_known(&fields)?)))
            .collect())
    }

    /// An entity that is not removed.
    pub(crate) fn one<E: Entity>(&mut self, household: HouseholdId, id: Uuid) -> Result<Option<E>, Fault> {
        let row = self.tx.row(household, E::KIND, id)?;
        Ok(row
            .filter(|row| !row.fields.is_deleted())
            .and_then(|row| E::read_known(&row.fields)))
    }
}

/// The date in a zone at an instant.
pub(crate) fn date_in(zone: &ZoneName, at: UtcMs) -> Date {
    jiff::Timestamp::from_millisecond(at.0)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned(zone.rules())
        .date()
}
