//! All playdates the device may show.

use std::cmp::Reverse;

use romp_domain::view::{PetView, PlaydateView};
use romp_domain::{MatchId, Pet, Playdate, PlaydateId, Problem, Role};
use romp_store::StoreError;

use super::local::local;
use crate::App;

/// What is to come, next first; then what is over, latest first. A child sees only what was once agreed.
pub(crate) fn list(app: &App) -> Result<Vec<PlaydateView>, Problem> {
    let mut views = app.store.read(|reader| {
        let now = reader.right_time(app.now())?;
        let is_child = reader.role()? == Role::Child;
        let mut views = Vec::new();
        for (id, playdate) in reader.list::<Playdate>()? {
            let Some(pet) = reader.get::<Pet>(playdate.pet.0)? else {
                continue;
            };
            if is_child && playdate.confirmed_at.is_none() {
                continue;
            }
            let matched = MatchId::of(playdate.pet, playdate.other.id);
            views.push(PlaydateView {
                id: PlaydateId(id),
                matched,
                pet: PetView {
                    id: playdate.pet,
                    pet,
                },
                local: local(playdate.slot, &playdate.zone),
                waiting: if playdate.state.is_final() {
                    None
                } else {
                    reader.waiting_act(PlaydateId(id), matched)?
                },
                past: playdate.slot.end() <= now,
                playdate,
            });
        }
        Ok::<_, StoreError>(views)
    })?;
    views.sort_by_key(|view| {
        let start = view.playdate.slot.start().0;
        (
            view.past,
            if view.past {
                Reverse(start).0.saturating_neg()
            } else {
                start
            },
            view.id,
        )
    });
    Ok(views)
}
