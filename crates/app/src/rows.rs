//! What saving and removing have in common for everything that an owner edits: the rule that only what is there
//! can be changed or removed.

use romp_domain::{Entity, ErrorCode, Kind, Problem};
use uuid::Uuid;

use crate::App;

impl App {
    /// Stores an entity: a new one where there is no id, else the changes of the one that is there.
    pub(crate) fn save<E: Entity>(&self, id: Option<Uuid>, entity: &E) -> Result<Uuid, Problem> {
        self.store.write(|writer| {
            let id = match id {
                Some(id) if writer.has(E::KIND, id)? => id,
                Some(_) => return Err(Problem::new(ErrorCode::NotFound)),
                None => self.ids.make(self.now()),
            };
            writer.put(id, entity)?;
            Ok(id)
        })
    }

    /// Removes what is there.
    pub(crate) fn remove(&self, kind: Kind, id: Uuid) -> Result<(), Problem> {
        self.store.write(|writer| {
            if writer.remove(kind, id)? {
                Ok(())
            } else {
                Err(Problem::new(ErrorCode::NotFound))
            }
        })
    }
}
