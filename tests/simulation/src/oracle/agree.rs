//! Whether a device agrees with what the server has committed, as far as it has pulled.

use romp_domain::{Entity, Fields, Kind, Role};

use super::device::Look;
use super::{Violation, broken};
use crate::future;
use crate::privacy::visible_to;
use crate::world::World;

/// The kinds whose rows the server stores as the family wrote them.
const OWN: [Kind; 8] = [
    Kind::Household,
    Kind::Child,
    Kind::Pet,
    Kind::Slot,
    Kind::Exception,
    Kind::Swipe,
    Kind::Switch,
    Kind::Block,
];

impl World {
    /// A row of a family as a role may see it; none when it is not there for that role.
    fn should_be(&self, seat: usize, kind: Kind, id: uuid::Uuid) -> Option<Fields> {
        let place = &self.places[seat];
        let role = place.device.role();
        let household = self.households[place.seat.family];
        if kind == Kind::Card {
            return self.model.cards.get(&(household, id)).map(Entity::to_fields);
        }
        let row = self.model.row(household, kind, id)?;
        if kind == Kind::Switch && role == Role::Child && !row.fields.is_deleted() {
            return self
                .model
                .switch_for_child(household, place.device.session()?, &row.fields);
        }
        visible_to(role, kind, &row.fields)
    }

    /// Everything up to the cursor is there as the server has it; nothing else has changed.
    pub(crate) fn device_agrees_with_server(&self, seat: usize, look: &Look) -> Result<(), Violation> {
        let place = &self.places[seat];
        let name = &place.seat.name;
        let memory = &place.device.observer.memory;
        let family = place.seat.family;
        let elsewhere = if place.seat.old {
            self.broke_off
        } else {
            memory.epoch != self.model.epoch
        };
        if memory.anew || elsewhere {
            // On the way: it is judged when it has arrived. An old app never notices that it is on the way.
            return Ok(());
        }
        let Some(feed) = self.model.feed.get(&self.households[family]) else {
            return Ok(());
        };
        for ((kind, id), seq) in feed {
            if *seq > memory.cursor || !(OWN.contains(kind) || *kind == Kind::Card) {
                continue;
            }
            let key = (kind.word().to_owned(), *id);
            let held = memory.rows.get(&key);
            if held.is_some_and(|held| held.base.is_some() && held.seq == *seq)
                && !look.changed.contains(&key)
            {
                continue;
            }
            let should = self.should_be(seat, *kind, *id);
            let mut is: Option<Fields> = held
                .and_then(|held| held.base.as_deref())
                .map(|text| serde_json::from_str(text).unwrap());
            if let Some(fields) = is.as_mut().filter(|_| place.future) {
                fields.0.remove(future::FIELD);
            }
            if is != should {
                return broken(
                    "5 1 I6",
                    format!(
                        "{name} has pulled up to {}, and {kind:?} {id} (commit {seq}) is {}, should be {}",
                        memory.cursor,
                        told(is.as_ref()),
                        told(should.as_ref())
                    ),
                );
            }
        }
        self.settled_as_the_server_says(seat)
    }

    /// What the device takes for acknowledged is held by the server; what it takes for refused was.
    fn settled_as_the_server_says(&self, seat: usize) -> Result<(), Violation> {
        let place = &self.places[seat];
        let Some(device) = place.device.observer.device_id() else {
            return Ok(());
        };
        if place.device.observer.memory.adopts {
            return Ok(());
        }
        let last = self.model.last_mid(device);
        let copied = self.model.copied.get(&device).copied().unwrap_or(0);
        let refused = self.model.rejected.get(&device);
        let own = place.device.observer.memory.outbox.range(copied + 1..);
        for (mid, sent) in own {
            let was_refused =
                refused.is_some_and(|all| all.contains(mid)) && !self.had_copies.contains(&device);
            // What a restored server lacks is sent again when the device notices, and must be there in the end.
            let to_be_sent_again = self.lost.get(&device).is_some_and(|(lost, _)| mid <= lost);
            let wrong = match sent.state.as_str() {
                "acked" => (*mid > last && !to_be_sent_again) || was_refused,
                "rejected" => !was_refused && !to_be_sent_again && !self.had_copies.contains(&device),
                _ => false,
            };
            if wrong {
                return broken(
                    "2 I1",
                    format!(
                        "{}: mutation {mid} is taken for {}, the server holds {last}",
                        place.seat.name, sent.state
                    ),
                );
            }
        }
        Ok(())
    }
}

fn told(fields: Option<&Fields>) -> String {
    fields.map_or_else(
        || "nothing".to_owned(),
        |fields| serde_json::to_string(fields).unwrap(),
    )
}
