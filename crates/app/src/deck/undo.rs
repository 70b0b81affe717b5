//! Taking back the last swipe of a deck, and the one before it, and so on: offline, after a restart, without a timer.

use romp_domain::calls::Undo;
use romp_domain::view::UndoneView;
use romp_domain::{CardId, Kind, MatchId, PetId, Problem, Role, Swipe, SwipeId};
use romp_store::{LoggedSwipe, Reader, StoreError, Writer};
use serde_json::{Value, json};

use super::{set_swipe, swipe_of};
use crate::App;
use crate::switches::Known;

/// Takes back the last swipe that can be, and tells which. Whatever was there before it is there again.
pub(crate) fn undo(app: &App, call: Undo) -> Result<Option<UndoneView>, Problem> {
    let actor = call.pet;
    let undone = app.change(|writer| {
        let last = match last(&app.known(writer)?, writer, actor)? {
            None => return Ok(None),
            Some((_, Some(off))) => return Err(off),
            Some((last, None)) => last,
        };
        let LoggedSwipe {
            n,
            target,
            verdict,
            before,
            ..
        } = last;
        let practice = writer.is_practice(Kind::Swipe, SwipeId::of(actor, target).0)?;
        if writer.role()? == Role::Owner {
            let was = |field: fn(&Swipe) -> Value| before.as_ref().map_or(Value::Null, field);
            let fields = [
                ("verdict", was(|swipe| json!(swipe.verdict))),
                ("by_child", was(|swipe| json!(swipe.by_child))),
                ("released", was(|swipe| json!(swipe.released))),
            ];
            set_swipe(writer, actor, target, practice, fields)?;
        } else {
            take_back_as_child(writer, actor, target, practice, before.as_ref())?;
        }
        writer.unlog_swipes_from(actor, n)?;
        Ok(Some(UndoneView { target, verdict }))
    })?;
    Ok(undone)
}

/// A child can only put back what a child had chosen. A child's device neither sets nor takes back releases, because
/// the server does; an owner's in a child's hands takes them back with the choice they were given for, in one change
/// that says whose it is: refused, it leaves the release as well.
fn take_back_as_child(
    writer: &Writer<'_>,
    actor: PetId,
    target: PetId,
    practice: bool,
    before: Option<&Swipe>,
) -> Result<(), StoreError> {
    let earlier = before.and_then(|swipe| Some((swipe.verdict, swipe.by_child?)));
    let now = swipe_of(writer, actor, target)?.and_then(|swipe| swipe.by_child);
    let (verdict, child) = match earlier {
        Some((verdict, child)) => (verdict, Some(child)),
        None => (None, now),
    };
    let mut fields = vec![("verdict", json!(verdict))];
    fields.extend(child.map(|child| ("by_child", json!(child))));
    if writer.device_role()? == Role::Owner {
        fields.push(("released", Value::Null));
    }
    set_swipe(writer, actor, target, practice, fields)?;
    Ok(())
}

/// The last swipe made here that can be taken back: its card is there, it still holds and is by whom it was (no other
/// device has changed it since, or said the same), and it has not become a match. One of a child that may not choose now comes after all others,
/// and with the reason.
pub(super) fn last(
    known: &Known,
    reader: &Reader<'_>,
    actor: PetId,
) -> Result<Option<(LoggedSwipe, Option<Problem>)>, StoreError> {
    let mut off = None;
    for made in reader.swipes_made(actor)? {
        let swipe = swipe_of(reader, actor, made.target)?;
        let chosen = swipe.as_ref().map(|swipe| (swipe.verdict, swipe.by_child));
        let holds = chosen == Some((Some(made.verdict), made.by_child));
        let has_card = reader.has(Kind::Card, CardId::of(actor, made.target).0)?;
        let is_match = reader.has(Kind::Match, MatchId::of(actor, made.target).0)?;
        if !holds || !has_card || is_match {
            continue;
        }
        match known.choosing_is_off(swipe.and_then(|swipe| swipe.by_child)) {
            None => return Ok(Some((made, None))),
            problem => off = off.or(Some((made, problem))),
        }
    }
    Ok(off)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Device;
    use romp_domain::calls::{DeckAgain, Release};
    use romp_domain::{Entity, Matched, Verdict};

    async fn undo(device: &Device, pet: PetId) -> Option<(PetId, Verdict)> {
        let undone = device.call(Undo { pet }).await.unwrap();
        undone.map(|undone| (undone.target, undone.verdict))
    }

    #[tokio::test]
    async fn undo_goes_back_through_the_whole_deck_also_after_a_restart_and_a_sync() {
        let device = Device::registered().await;
        let rex = device.add_pet("Rex").await;
        let [bella, zoe, max] = device.deal(rex, ["Bella", "Zoë", "Max"]).await;
        assert!(!device.deck(rex).await.can_undo);
        for (target, verdict) in [(bella, Verdict::Yes), (zoe, Verdict::Later), (max, Verdict::No)] {
            device.swipe(rex, target, verdict, None).await.unwrap();
        }
        device.sync().await;
        let device = device.restarted();
        device.clock.advance_ms(400 * 86_400_000);
        assert!(device.deck(rex).await.can_undo);
        assert_eq!(undo(&device, rex).await, Some((max, Verdict::No)));
        assert_eq!(undo(&device, rex).await, Some((zoe, Verdict::Later)));
        let device = device.restarted();
        assert_eq!(undo(&device, rex).await, Some((bella, Verdict::Yes)));
        assert_eq!(undo(&device, rex).await, None);
        assert_eq!(device.faces(rex).await, ["Bella", "Zoë", "Max"]);
        assert!(!device.swipe_of(rex, bella).unwrap().is_released_yes());
        device.sync().await;
        assert_eq!(device.faces(rex).await, ["Bella", "Zoë", "Max"]);
    }

    #[tokio::test]
    async fn each_deck_has_its_own_undo() {
        let device = Device::registered().await;
        let (rex, max) = (device.add_pet("Rex").await, device.add_pet("Max").await);
        let [bella] = device.deal(rex, ["Bella"]).await;
        let [zoe] = device.deal(max, ["Zoë"]).await;
        device.swipe(rex, bella, Verdict::Yes, None).await.unwrap();
        device.swipe(max, zoe, Verdict::Yes, None).await.unwrap();
        assert_eq!(undo(&device, rex).await, Some((bella, Verdict::Yes)));
        assert_eq!(device.faces(max).await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn what_was_there_before_is_there_again() {
        let device = Device::registered().await;
        let (rex, mia) = (device.add_pet("Rex").await, device.add_child("Mia").await);
        let [bella] = device.deal(rex, ["Bella"]).await;
        device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
        device
            .call(Release {
                swipe: SwipeId::of(rex, bella),
                out: true,
            })
            .await
            .unwrap();
        let before = device.swipe_of(rex, bella);
        device.swipe(rex, bella, Verdict::No, None).await.unwrap();
        undo(&device, rex).await.unwrap();
        assert_eq!(device.swipe_of(rex, bella), before);
        assert_eq!(undo(&device, rex).await, Some((bella, Verdict::Yes)));
        assert_eq!(
            device.swipe_of(rex, bella).unwrap().released,
            None,
            "the release goes with the verdict"
        );
    }

    #[tokio::test]
    async fn row_16_a_child_takes_back_no_choice_of_an_owner_who_chose_the_same() {
        let owner = Device::registered().await;
        let (rex, mia) = (owner.add_pet("Rex").await, owner.add_child("Mia").await);
        owner.sync().await;
        let tablet = owner.paired(Role::Child).await;
        let [bella] = tablet.deal(rex, ["Bella"]).await;
        tablet.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
        tablet.sync().await;
        let by_owner = Swipe {
            by_child: None,
            released: Some(Verdict::Yes),
            ..tablet.swipe_of(rex, bella).unwrap()
        };
        tablet.server.put(SwipeId::of(rex, bella).0, &by_owner);
        tablet.sync().await;
        assert_eq!(undo(&tablet, rex).await, None);
        assert_eq!(tablet.swipe_of(rex, bella), Some(by_owner));
    }

    #[tokio::test]
    async fn what_cannot_be_taken_back_is_passed_over() {
        let device = Device::registered().await;
        let rex = device.add_pet("Rex").await;
        let [bella, zoe, max, ida] = device.deal(rex, ["Bella", "Zoë", "Max", "Ida"]).await;
        for (target, verdict) in [
            (bella, Verdict::No),
            (zoe, Verdict::Yes),
            (max, Verdict::No),
            (ida, Verdict::Later),
        ] {
            device.swipe(rex, target, verdict, None).await.unwrap();
        }
        device.call(DeckAgain { pet: rex }).await.unwrap();
        device.server.put(
            MatchId::of(rex, zoe).0,
            &Matched {
                pet: rex,
                ..Matched::example()
            },
        );
        device.server.take(Kind::Card, CardId::of(rex, max).0);
        device.sync().await;
        assert_eq!(undo(&device, rex).await, Some((bella, Verdict::No)));
        assert_eq!(undo(&device, rex).await, None);
        assert_eq!(device.faces(rex).await, ["Bella", "Ida"]);
    }

    #[tokio::test]
    async fn undoing_on_a_childs_device_gives_back_what_a_child_had_chosen() {
        let owner = Device::registered().await;
        let (rex, mia, tom) = (
            owner.add_pet("Rex").await,
            owner.add_child("Mia").await,
            owner.add_child("Tom").await,
        );
        owner.sync().await;
        let tablet = owner.paired(Role::Child).await;
        let [bella] = tablet.deal(rex, ["Bella"]).await;
        tablet.swipe(rex, bella, Verdict::Later, Some(mia)).await.unwrap();
        tablet.swipe(rex, bella, Verdict::Yes, Some(tom)).await.unwrap();
        assert_eq!(undo(&tablet, rex).await, Some((bella, Verdict::Yes)));
        let swipe = tablet.swipe_of(rex, bella).unwrap();
        assert_eq!((swipe.verdict, swipe.by_child), (Some(Verdict::Later), Some(mia)));
        undo(&tablet, rex).await.unwrap();
        assert_eq!(tablet.swipe_of(rex, bella).unwrap().verdict, None);
    }
}
