//! Giving a verdict on a card.
//!
//! A child's verdict is held: it leaves the household only once an owner releases it, and what a child chooses anew
//! has to be released anew. (On a child's own device the server sees to that.) An owner's own verdict is its own
//! release, but "later" releases nothing: it is no verdict, and the card comes back to whoever is next.

use romp_domain::calls::Swipe as Call;
use romp_domain::{
    Card, CardId, Child, ChildId, ErrorCode, Invalid, InvalidReason, Kind, MatchId, PetId, Problem, Role,
    Swipe, Verdict,
};
use romp_store::Writer;
use serde_json::json;

use super::{set_swipe, swipe_of};
use crate::App;

/// Gives a verdict. The card is gone at once; the server hears of it later.
pub(crate) fn swipe(app: &App, call: Call) -> Result<(), Problem> {
    app.change(|writer| {
        let practice = judge(writer, &call)?;
        let Call {
            actor,
            target,
            verdict,
            child,
        } = call;
        let before = swipe_of(writer, actor, target)?;
        let chosen = [("verdict", json!(verdict)), ("by_child", json!(child))];
        let is_same = |before: &Swipe| before.verdict == Some(verdict) && before.by_child == child;
        let released = match child {
            None => Some(verdict).filter(|verdict| *verdict != Verdict::Later),
            Some(_) => before
                .as_ref()
                .filter(|before| is_same(before))
                .and_then(|before| before.released),
        };
        let changed = if writer.device_role()? == Role::Child {
            set_swipe(writer, actor, target, practice, chosen)?
        } else {
            let [verdict, by_child] = chosen;
            let released = ("released", json!(released));
            set_swipe(writer, actor, target, practice, [verdict, by_child, released])?
        };
        if changed {
            writer.log_swipe(actor, target, verdict, child, before.as_ref())?;
        }
        Ok(())
    })
}

/// Whether this verdict may be given here. Tells whether the card is a practice card.
fn judge(writer: &Writer<'_>, call: &Call) -> Result<bool, Problem> {
    let is_own = |pet: PetId| writer.has(Kind::Pet, pet.0);
    if !is_own(call.actor)? {
        return Err(Invalid::new("actor", InvalidReason::ForeignPet).into());
    }
    if call.actor == call.target || is_own(call.target)? {
        return Err(Invalid::new("target", InvalidReason::OwnPet).into());
    }
    match call.child {
        None if writer.role()? == Role::Child => {
            return Err(Invalid::new("child", InvalidReason::Missing).into());
        }
        Some(child) if !is_in_its_hands(writer, child)? => {
            return Err(Invalid::new("child", InvalidReason::Mismatch).into());
        }
        Some(child) if writer.get::<Child>(child.0)?.is_none() => {
            return Err(Problem {
                field: Some("child".into()),
                ..Problem::new(ErrorCode::NotFound)
            });
        }
        _ => {}
    }
    if writer.has(Kind::Match, MatchId::of(call.actor, call.target).0)? {
        return Err(Problem::new(ErrorCode::Frozen));
    }
    let card = CardId::of(call.actor, call.target).0;
    if writer.get::<Card>(card)?.is_none() {
        return Err(Problem {
            field: Some("target".into()),
            ..Problem::new(ErrorCode::NotFound)
        });
    }
    Ok(writer.is_practice(Kind::Card, card)?)
}

/// Whether this child may choose here: a device may have been handed to one child only.
fn is_in_its_hands(writer: &Writer<'_>, child: ChildId) -> Result<bool, Problem> {
    let only = writer.handed()?.and_then(|handed| handed.child);
    Ok(only.is_none_or(|only| only == child))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Device, code};
    use romp_domain::calls::{Release, Releases};
    use romp_domain::{Fields, Op, SwipeId};
    use uuid::Uuid;

    #[tokio::test]
    async fn a_childs_yes_is_held_and_an_owners_is_its_own_release() {
        let device = Device::registered().await;
        let (rex, mia) = (device.add_pet("Rex").await, device.add_child("Mia").await);
        let [bella, zoe, max] = device.deal(rex, ["Bella", "Zoë", "Max"]).await;
        device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
        device.swipe(rex, zoe, Verdict::Yes, None).await.unwrap();
        device.swipe(rex, max, Verdict::Later, None).await.unwrap();

        let by_child = device.swipe_of(rex, bella).unwrap();
        assert!(by_child.is_held() && by_child.by_child == Some(mia));
        assert!(device.swipe_of(rex, zoe).unwrap().is_released_yes());
        assert_eq!(
            device.swipe_of(rex, max).unwrap().released,
            None,
            "later is no verdict"
        );
    }

    #[tokio::test]
    async fn what_a_child_chooses_anew_waits_for_an_owner_anew() {
        let device = Device::registered().await;
        let (rex, mia, tom) = (
            device.add_pet("Rex").await,
            device.add_child("Mia").await,
            device.add_child("Tom").await,
        );
        let [bella] = device.deal(rex, ["Bella"]).await;
        let swipe = SwipeId::of(rex, bella);
        for out in [true, false] {
            device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
            device.call(Release { swipe, out }).await.unwrap();
            device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
            assert!(
                device.call(Releases {}).await.unwrap().is_empty(),
                "nothing new was chosen"
            );
            device.swipe(rex, bella, Verdict::Yes, Some(tom)).await.unwrap();
            assert!(device.swipe_of(rex, bella).unwrap().is_held());
            device.call(Release { swipe, out }).await.unwrap();
            device.swipe(rex, bella, Verdict::No, Some(tom)).await.unwrap();
            device.swipe(rex, bella, Verdict::Yes, Some(tom)).await.unwrap();
            assert_eq!(device.call(Releases {}).await.unwrap().len(), 1);
        }
        device.sync().await;
        assert!(device.swipe_of(rex, bella).unwrap().is_held());
    }

    #[tokio::test]
    async fn the_card_is_gone_at_once_offline_and_after_a_restart() {
        let device = Device::registered().await;
        let rex = device.add_pet("Rex").await;
        let [bella, zoe, max] = device.deal(rex, ["Bella", "Zoë", "Max"]).await;
        device.server.fails(Problem::new(ErrorCode::Offline));
        assert_eq!(device.faces(rex).await, ["Bella", "Zoë", "Max"]);
        device.swipe(rex, bella, Verdict::No, None).await.unwrap();
        device.swipe(rex, zoe, Verdict::Later, None).await.unwrap();
        let device = device.restarted();
        assert_eq!(device.faces(rex).await, ["Max"]);
        device.swipe(rex, max, Verdict::Yes, None).await.unwrap();
        let deck = device.deck(rex).await;
        assert_eq!(
            (deck.cards.len(), deck.decided, deck.later, deck.practice),
            (0, 2, 1, false)
        );
        assert_eq!(deck.empty, Some(romp_domain::view::EmptyDeck::OnlyLater));
    }

    #[tokio::test]
    async fn a_childs_device_sends_only_what_a_child_may_set() {
        let owner = Device::registered().await;
        let (rex, mia) = (owner.add_pet("Rex").await, owner.add_child("Mia").await);
        owner.sync().await;
        let tablet = owner.paired(Role::Child).await;
        let [bella] = tablet.deal(rex, ["Bella"]).await;
        assert_eq!(
            code(tablet.swipe(rex, bella, Verdict::Yes, None).await),
            ErrorCode::InvalidField
        );
        tablet.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
        tablet.call(romp_domain::calls::Undo { pet: rex }).await.unwrap();
        tablet.sync().await;
        let allowed = romp_domain::policy::may_write(Role::Child, Kind::Swipe);
        let sent = owner.server.applied();
        let swipes: Vec<&Fields> = sent
            .iter()
            .filter(|mutation| mutation.id == SwipeId::of(rex, bella).0)
            .map(|mutation| match &mutation.op {
                Op::Patch { fields } => fields,
                Op::Act { .. } => unreachable!("a swipe is a patch"),
            })
            .collect();
        assert_eq!(swipes.len(), 2);
        assert!(
            swipes
                .iter()
                .all(|fields| fields.0.keys().all(|name| allowed.contains(name)))
        );
        assert!(swipes[0].0["by_child"].is_string() && !swipes[1].0.contains_key("by_child"));
    }

    #[tokio::test]
    async fn what_may_not_be_swiped_changes_nothing() {
        let device = Device::registered().await;
        let (rex, max) = (device.add_pet("Rex").await, device.add_pet("Max").await);
        let [bella] = device.deal(rex, ["Bella"]).await;
        let version = device.app.store.version();
        let nobody = PetId(Uuid::from_u128(404));
        let stranger = Some(ChildId(Uuid::from_u128(404)));
        for (actor, target, child, expected) in [
            (nobody, bella, None, ErrorCode::InvalidField),
            (bella, rex, None, ErrorCode::InvalidField),
            (rex, rex, None, ErrorCode::InvalidField),
            (rex, max, None, ErrorCode::InvalidField),
            (rex, nobody, None, ErrorCode::NotFound),
            (max, bella, None, ErrorCode::NotFound),
            (rex, bella, stranger, ErrorCode::NotFound),
        ] {
            assert_eq!(
                code(device.swipe(actor, target, Verdict::Yes, child).await),
                expected
            );
        }
        assert_eq!(device.app.store.version(), version);
    }

    #[tokio::test]
    async fn an_owners_later_does_not_keep_the_card_from_the_children() {
        let owner = Device::registered().await;
        let (rex, mia) = (owner.add_pet("Rex").await, owner.add_child("Mia").await);
        let [bella, zoe] = owner.deal(rex, ["Bella", "Zoë"]).await;
        owner.swipe(rex, bella, Verdict::Later, None).await.unwrap();
        owner.sync().await;
        let tablet = owner.paired(Role::Child).await;
        assert_eq!(tablet.faces(rex).await, ["Bella", "Zoë"]);
        tablet.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
        tablet.swipe(rex, zoe, Verdict::Later, Some(mia)).await.unwrap();
        let deck = tablet.deck(rex).await;
        assert_eq!((deck.cards.len(), deck.decided, deck.later), (0, 1, 1));
        assert!(
            tablet.swipe_of(rex, bella).unwrap().is_held(),
            "it waits for a release like any other"
        );
    }
}
