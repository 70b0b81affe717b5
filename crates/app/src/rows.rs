//! What saving and removing have in common for everything that an owner edits: the rule that only what is there
//! can be changed or removed.

use romp_domain::{Entity, ErrorCode, Invalid, InvalidReason, Kind, Problem};
use uuid::Uuid;

use crate::App;

impl App {
    /// Stores what a form was filled with and what a person made of it: a new entity where there is no id, else what
    /// the person changed. Who changes something says what was seen; otherwise it would undo what others did since.
    pub(crate) fn save_form<E: Entity>(
        &self,
        id: Option<Uuid>,
        seen: Option<&E>,
        entity: &E,
    ) -> Result<Uuid, Problem> {
        let Some(id) = id else {
            return self.save(None, entity);
        };
        self.change(|writer| {
            if !writer.has(E::KIND, id)? {
                return Err(Problem::new(ErrorCode::NotFound));
            }
            let seen = seen.ok_or_else(|| Invalid::new("seen", InvalidReason::Missing))?;
            writer.put_changes(id, seen, entity)?;
            Ok(id)
        })
    }

    /// Stores an entity that is one value: a new one where there is no id, else in the place of the one that is there.
    pub(crate) fn save<E: Entity>(&self, id: Option<Uuid>, entity: &E) -> Result<Uuid, Problem> {
        self.change(|writer| {
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
        self.change(|writer| {
            if writer.remove(kind, id)? {
                Ok(())
            } else {
                Err(Problem::new(ErrorCode::NotFound))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Device, child, code, pet};
    use romp_domain::calls::{
        ChildRemove, Children, ExceptionRemove, ExceptionSave, Hours, PetRemove, Pets, SlotRemove, SlotSave,
    };
    use romp_domain::{
        ChildId, DateException, ErrorCode, ExceptionChange, ExceptionId, Minute, PetId, SlotId, Weekday,
        WeeklyHours,
    };
    use uuid::Uuid;

    fn hours(weekday: Weekday, start: i64) -> WeeklyHours {
        WeeklyHours::new(
            weekday,
            Minute::new(start).unwrap(),
            Minute::new(start + 60).unwrap(),
        )
        .unwrap()
    }

    #[tokio::test]
    async fn what_an_owner_enters_offline_is_there_changed_and_removed_at_once() {
        let device = Device::new();
        let (rex, mia) = (device.add_pet("Rex").await, device.add_child("Mia").await);
        device.save_pet(rex, pet("Max")).await.unwrap();
        device.save_child(mia, child("Tom")).await.unwrap();
        let device = device.restarted();
        assert_eq!(device.call(Pets {}).await.unwrap()[0].pet, pet("Max"));
        assert_eq!(device.call(Children {}).await.unwrap()[0].child, child("Tom"));
        device.call(PetRemove { id: rex }).await.unwrap();
        device.call(ChildRemove { id: mia }).await.unwrap();
        assert!(device.call(Pets {}).await.unwrap().is_empty());
        assert!(device.call(Children {}).await.unwrap().is_empty());
        assert_eq!(device.status().await.pending, 6);
    }

    #[tokio::test]
    async fn hours_come_by_weekday_and_dates_by_date() {
        let device = Device::new();
        for (weekday, start) in [
            (Weekday::Sunday, 0),
            (Weekday::Monday, 900),
            (Weekday::Monday, 60),
        ] {
            device
                .call(SlotSave {
                    id: None,
                    hours: hours(weekday, start),
                })
                .await
                .unwrap();
        }
        for day in [20, 10] {
            let day = jiff::civil::date(2026, 12, day);
            let exception = DateException {
                day,
                change: ExceptionChange::Closed,
            };
            device.call(ExceptionSave { id: None, exception }).await.unwrap();
        }
        let view = device.call(Hours {}).await.unwrap();
        let weekly: Vec<_> = view
            .weekly
            .iter()
            .map(|slot| (slot.hours.weekday(), slot.hours.start().get()))
            .collect();
        assert_eq!(
            weekly,
            [
                (Weekday::Monday, 60),
                (Weekday::Monday, 900),
                (Weekday::Sunday, 0)
            ]
        );
        let days: Vec<_> = view
            .exceptions
            .iter()
            .map(|view| view.exception.day.day())
            .collect();
        assert_eq!(days, [10, 20]);

        let minute = |n| Minute::new(n).unwrap();
        let backwards = ExceptionChange::Open {
            start: minute(700),
            end: minute(600),
        };
        let exception = DateException {
            day: jiff::civil::date(2026, 12, 1),
            change: backwards,
        };
        let id = Some(view.exceptions[0].id);
        assert_eq!(
            code(device.call(ExceptionSave { id, exception }).await),
            ErrorCode::InvalidField
        );
        device
            .call(ExceptionRemove {
                id: view.exceptions[0].id,
            })
            .await
            .unwrap();
        device
            .call(SlotRemove {
                id: view.weekly[0].id,
            })
            .await
            .unwrap();
        let view = device.call(Hours {}).await.unwrap();
        assert_eq!((view.weekly.len(), view.exceptions.len()), (2, 1));
    }

    #[tokio::test]
    async fn what_is_not_there_can_be_neither_changed_nor_removed() {
        let device = Device::new();
        let no = Uuid::from_u128(404);
        let exception = DateException {
            day: jiff::civil::date(2026, 12, 1),
            change: ExceptionChange::Closed,
        };
        let codes = [
            code(device.save_pet(PetId(no), pet("Rex")).await),
            code(device.call(PetRemove { id: PetId(no) }).await),
            code(device.save_child(ChildId(no), child("Mia")).await),
            code(device.call(ChildRemove { id: ChildId(no) }).await),
            code(
                device
                    .call(SlotSave {
                        id: Some(SlotId(no)),
                        hours: hours(Weekday::Friday, 0),
                    })
                    .await,
            ),
            code(device.call(SlotRemove { id: SlotId(no) }).await),
            code(
                device
                    .call(ExceptionSave {
                        id: Some(ExceptionId(no)),
                        exception,
                    })
                    .await,
            ),
            code(device.call(ExceptionRemove { id: ExceptionId(no) }).await),
        ];
        assert!(codes.iter().all(|code| *code == ErrorCode::NotFound));
        assert_eq!(device.app.store.version(), 0);
    }
}
