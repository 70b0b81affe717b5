//! Writes a made-up neighbourhood into a database, as if its families had synced it.
//!
//! Deliberately absent: decks and cards. Every pet is noted as in need of a deck, and its family's first sync deals
//! it. Nor are there matches: nobody in the neighbourhood likes a pet that likes it back.

use std::collections::HashMap;

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::text::{Email, Password, PersonName};
use romp_domain::{
    DeviceId, Entity, ErrorCode, Fields, Hlc, HouseholdId, Kind, PetId, Problem, SwipeId, UserId, UtcMs,
};
use romp_sync::{Registers, Stamp};
use uuid::Uuid;

use crate::db::{DbExt, DeckRecord, Fault, FeedEntry, Tx, UserRecord};
use crate::demo::DemoHousehold;
use crate::env::new_id;
use crate::server::Server;

/// Households in one transaction: enough that waiting for the disk does not count, few enough to be small in memory.
const BATCH: usize = 500;

/// What owners of demo households are called.
const OWNER_NAME: &str = "Demo owner";

/// How much was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Households.
    pub households: usize,
    /// Pets.
    pub pets: usize,
    /// Swipes.
    pub swipes: usize,
}

/// Writes the households.
///
/// # Errors
/// A sentence when one of them is there already: the same seed was loaded before. Batches before it stay.
pub fn load(server: &Server, households: impl Iterator<Item = DemoHousehold>) -> Result<Loaded, Problem> {
    let mut hashes = Hashes::default();
    let mut loaded = Loaded::default();
    let mut households = households.peekable();
    let at = Moment {
        now: server.clock.now(),
        device: DeviceId(new_id(&*server.clock, &*server.random)),
    };
    while households.peek().is_some() {
        let mut batch = Vec::with_capacity(BATCH);
        for home in households.by_ref().take(BATCH) {
            let owner = home
                .owner
                .as_ref()
                .map(|owner| hashes.user(server, home.id, owner))
                .transpose()?;
            loaded.households += 1;
            loaded.pets += home.pets.len();
            loaded.swipes += home.swipes.len();
            batch.push((home, owner));
        }
        server.db.write(move |tx| {
            batch
                .iter()
                .try_for_each(|(home, owner)| write(tx, at, home, owner.as_ref()))
        })?;
    }
    Ok(loaded)
}

/// When and by which device everything was entered, as far as the rows tell.
#[derive(Debug, Clone, Copy)]
struct Moment {
    now: UtcMs,
    device: DeviceId,
}

/// Hashes of passwords that were hashed before: all demo owners have the same one, and hashing is slow on purpose.
#[derive(Default)]
struct Hashes(HashMap<String, String>);

impl Hashes {
    fn user(
        &mut self,
        server: &Server,
        household: HouseholdId,
        (email, password): &(Email, Password),
    ) -> Result<UserRecord, Problem> {
        let password_hash = match self.0.get(password.expose()) {
            Some(known) => known.clone(),
            None => server.passwords.hash(&*server.random, password.expose())?,
        };
        self.0.insert(password.expose().to_owned(), password_hash.clone());
        Ok(UserRecord {
            id: UserId(new_id(&*server.clock, &*server.random)),
            household,
            email: email.clone(),
            name: PersonName::new(OWNER_NAME).map_err(|_| ErrorCode::Internal)?,
            password_hash,
            created_at: server.clock.now(),
            verified_at: None,
            confirmed_at: Some(server.clock.now()),
        })
    }
}

fn write(tx: &mut dyn Tx, at: Moment, home: &DemoHousehold, owner: Option<&UserRecord>) -> Result<(), Fault> {
    let taken = |what| {
        Problem::saying(
            ErrorCode::Stale,
            format!("{what} is in this database already. Nothing more was written."),
        )
    };
    if tx.household(home.id)?.is_some() {
        return Err(taken("This neighbourhood").into());
    }
    tx.insert_household(home.id, at.now)?;
    if let Some(user) = owner
        && !tx.insert_user(user)?
    {
        return Err(taken("The demo's owner").into());
    }
    let stamp = Stamp(Hlc::at_ms(at.now.0), at.device);
    let seq = tx.next_seq(home.id)?;
    for (kind, id, fields) in rows_of(home) {
        tx.put_row(home.id, kind, id, &Registers::of(&fields, stamp))?;
        let gone = false;
        tx.mark(home.id, FeedEntry { kind, id, seq, gone })?;
    }
    for (pet, _) in &home.pets {
        tx.put_deck(&no_deck_yet(*pet, home.id))?;
    }
    tx.raise_clock(home.id, stamp.0)
}

/// Everything a household has, as rows.
fn rows_of(home: &DemoHousehold) -> impl Iterator<Item = (Kind, Uuid, Fields)> {
    let settings = (Kind::Household, HOUSEHOLD_ROW, home.household.to_fields());
    let children = home
        .children
        .iter()
        .map(|(id, child)| (Kind::Child, id.0, child.to_fields()));
    let pets = home
        .pets
        .iter()
        .map(|(id, pet)| (Kind::Pet, id.0, pet.to_fields()));
    let slots = home
        .slots
        .iter()
        .map(|(id, slot)| (Kind::Slot, id.0, slot.to_fields()));
    let swipes = home.swipes.iter().map(|swipe| {
        let id = SwipeId::of(swipe.actor_pet, swipe.target_pet);
        (Kind::Swipe, id.0, swipe.to_fields())
    });
    std::iter::once(settings)
        .chain(children)
        .chain(pets)
        .chain(slots)
        .chain(swipes)
}

fn no_deck_yet(pet: PetId, household: HouseholdId) -> DeckRecord {
    DeckRecord {
        pet,
        household,
        built_at: UtcMs(0),
        stale: true,
        generation: 0,
        // Nobody has changed anything since: others may be matched with it before it ever comes.
        asks: false,
        dealt: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::rig::{HERE, Rig, device, typed};
    use crate::accounts::sign_in;
    use crate::demo::{DEMO_EMAIL, DEMO_PASSWORD, Options, neighbourhood, read_pets, read_places};
    use romp_domain::wire::SignInRequest;

    const PETS: &str = "licensed_on,name,species,breed1,breed2,zip\n\
        2018-11-11,Zoë \"Zo\" O'Malley,Dog,\"Terrier, Jack Russell\",,98117\n\
        2018-11-12,,Goat,Miniature,,98117\n\
        2018-11-13,Mac,Dog,\"Retriever, Labrador\",,98136\n\
        2018-11-14,Tom,Cat,Domestic Shorthair,,98136\n";
    const PLACES: &str =
        "zip,city,state,lat,lon\n98117,Seattle,WA,47.68,-122.37\n98136,Seattle,WA,47.54,-122.38\n";

    fn families(rig: &Rig) -> Vec<DemoHousehold> {
        let (pets, _) = read_pets(PETS.as_bytes()).unwrap();
        let (places, _) = read_places(PLACES.as_bytes()).unwrap();
        neighbourhood(
            &pets,
            &places,
            Options {
                households: None,
                seed: 1,
                now: rig.now(),
            },
        )
        .collect()
    }

    #[test]
    fn what_was_made_up_is_in_the_database_and_its_owner_signs_in() {
        let rig = Rig::new();
        let families = families(&rig);
        let loaded = load(&rig.server, families.clone().into_iter()).unwrap();
        assert_eq!((loaded.households, loaded.pets), (families.len(), 4));
        for home in families {
            let id = home.id;
            let (rows, feed, decks) = rig
                .server
                .db
                .read(move |tx| Ok((tx.rows(id, Kind::Pet)?, tx.feed(id, 0, 0, 1_000)?, tx.decks(id)?)))
                .unwrap();
            assert_eq!(rows.len(), home.pets.len());
            assert_eq!(feed.len(), rows_of(&home).count());
            assert!(decks.len() == rows.len() && decks.iter().all(|deck| deck.stale));
        }
        let request = SignInRequest {
            email: Email::new(DEMO_EMAIL).unwrap(),
            password: typed(DEMO_PASSWORD),
            device: device(1),
        };
        sign_in(&rig.server, HERE, request).unwrap();
    }

    #[test]
    fn loading_it_twice_is_refused_with_a_sentence() {
        let rig = Rig::new();
        load(&rig.server, families(&rig).into_iter()).unwrap();
        let error = load(&rig.server, families(&rig).into_iter()).unwrap_err();
        assert!(error.message.contains("already"), "{error}");
    }
}
