//! Removing a child profile, and what was chosen with it.

use romp_domain::calls::ChildRemove;
use romp_domain::{ErrorCode, Kind, MatchId, Problem, Swipe};
use serde_json::Value;

use crate::App;
use crate::deck::set_swipe;

/// Removes a profile, and every choice that names it. What has become a match belongs to the pets, and stays.
///
/// Nothing can switch it off: choices that a server must not take back now wait there, and are gone here.
pub(crate) fn remove(app: &App, call: ChildRemove) -> Result<(), Problem> {
    app.store.write(|writer| {
        if !writer.remove(Kind::Child, call.id.0)? {
            return Err(Problem::new(ErrorCode::NotFound));
        }
        for (id, swipe) in writer.list::<Swipe>()? {
            let (actor, target) = (swipe.actor_pet, swipe.target_pet);
            if swipe.by_child != Some(call.id) || writer.has(Kind::Match, MatchId::of(actor, target).0)? {
                continue;
            }
            let practice = writer.is_practice(Kind::Swipe, id)?;
            let nothing = ["verdict", "by_child", "released"].map(|field| (field, Value::Null));
            set_swipe(&writer, actor, target, practice, nothing)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use romp_domain::calls::{Release, Releases, SwitchSave};
    use romp_domain::policy::Operation;
    use romp_domain::switch::SwitchScope;
    use romp_domain::text::Remark;
    use romp_domain::{Entity, MatchId, Matched, PetId, SwipeId, Verdict};

    use super::*;
    use crate::testing::Device;

    fn release(pet: PetId, target: PetId) -> Release {
        Release {
            swipe: SwipeId::of(pet, target),
            out: true,
        }
    }

    #[tokio::test]
    async fn with_a_profile_go_its_choices_and_nobody_elses() {
        let device = Device::registered().await;
        let rex = device.add_pet("Rex").await;
        let (mia, tom) = (device.add_child("Mia").await, device.add_child("Tom").await);
        let [bella, zoe, max, bo] = device.deal(rex, ["Bella", "Zoë", "Max", "Bo"]).await;
        for (target, verdict, child) in [
            (bella, Verdict::Yes, mia),
            (zoe, Verdict::Later, mia),
            (max, Verdict::Yes, tom),
            (bo, Verdict::Yes, mia),
        ] {
            device.swipe(rex, target, verdict, Some(child)).await.unwrap();
        }
        device.call(release(rex, bella)).await.unwrap();
        device.call(release(rex, bo)).await.unwrap();
        let matched = Matched {
            pet: rex,
            ..Matched::example()
        };
        device.server.put(MatchId::of(rex, bo).0, &matched);
        device.sync().await;
        device.call(ChildRemove { id: mia }).await.unwrap();
        for target in [bella, zoe] {
            let swipe = device.swipe_of(rex, target).unwrap();
            assert_eq!(
                (swipe.verdict, swipe.by_child, swipe.released),
                (None, None, None)
            );
        }
        assert_eq!(device.faces(rex).await, ["Bella", "Zoë"]);
        let waiting = device.call(Releases {}).await.unwrap();
        assert_eq!((waiting.len(), waiting[0].swipe), (1, SwipeId::of(rex, max)));
        assert!(
            device.swipe_of(rex, bo).unwrap().is_released_yes(),
            "a match stays"
        );
    }

    #[tokio::test]
    async fn quiet_hours_keep_no_profile() {
        let device = Device::registered().await;
        let rex = device.add_pet("Rex").await;
        let mia = device.add_child("Mia").await;
        let [bella] = device.deal(rex, ["Bella"]).await;
        device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
        let quiet = SwitchSave {
            id: None,
            scope: SwitchScope::Household,
            operations: Operation::ALL.iter().copied().collect(),
            comment: Remark::new("Quiet").unwrap(),
            starts_at: None,
            ends_at: None,
            hours: None,
        };
        device.call(quiet).await.unwrap();
        device.call(ChildRemove { id: mia }).await.unwrap();
        assert_eq!(device.swipe_of(rex, bella).unwrap().verdict, None);
        device.call(ChildRemove { id: mia }).await.unwrap_err();
    }
}
