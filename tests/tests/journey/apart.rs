//! One family blocks the other after a playdate was agreed, without a connection; lifts that; and takes the match back.

use romp_domain::playdate::CancelReason;
use romp_domain::{PlaydateState, Role, calls};

use crate::family::Device;
use crate::story::{Family, World, playdates};

/// How many cards, decided or not, are in a family's deck on a device.
async fn cards(device: &Device, family: &Family) -> usize {
    let deck = device.app.call(calls::Deck { pet: family.pet }).await.unwrap();
    deck.cards.len() + deck.decided as usize
}

async fn matches(device: &Device) -> Vec<romp_domain::MatchId> {
    let all = device.app.call(calls::Matches {}).await.unwrap();
    all.iter().map(|view| view.id).collect()
}

impl World {
    async fn everybody_exchanges(&self) {
        for _ in 0..2 {
            for family in &self.families {
                family.desktop.sync().await;
                family.tablet.sync().await;
            }
        }
    }

    /// The second family's owner blocks the first one: at once here, and for everybody as soon as all have exchanged.
    pub(crate) async fn the_second_family_blocks_the_first(&self) {
        let [other, own] = &self.families;
        let desktop = &own.desktop;
        desktop.app.call(calls::Block { pet: other.pet }).await.unwrap();
        assert_eq!((cards(desktop, own).await, matches(desktop).await), (0, vec![]));
        assert!(playdates(desktop).await.is_empty());

        self.everybody_exchanges().await;
        for family in &self.families {
            for device in [&family.desktop, &family.tablet] {
                assert_eq!(cards(device, family).await, 0);
                for view in playdates(device).await {
                    let playdate = view.playdate;
                    assert_eq!(
                        (playdate.state, playdate.cancelled, playdate.other.name),
                        (PlaydateState::Cancelled, Some(CancelReason::PetGone), None)
                    );
                }
                let status = device.app.call(calls::Status {}).await.unwrap();
                assert_eq!((status.pending, status.refused.len()), (0, 0), "{status:#?}");
            }
            assert_eq!(matches(&family.desktop).await, []);
        }
        assert_eq!(
            playdates(&other.desktop).await.len(),
            1,
            "called off, for the blocked family"
        );
        assert!(other.desktop.app.call(calls::Blocks {}).await.unwrap().is_empty());
        let blocks = desktop.app.call(calls::Blocks {}).await.unwrap();
        assert_eq!(blocks.len(), 1);
        assert!(blocks[0].block.name.as_ref().unwrap().as_str().starts_with("Rex"));
        let status = own.tablet.app.call(calls::Status {}).await.unwrap();
        assert_eq!(status.role, Role::Child);
        assert!(
            own.tablet.app.call(calls::Blocks {}).await.is_err(),
            "not for a child"
        );
    }

    /// Lifts the block: both had said yes, so they match again. Then the owner takes the match back, and stays alone.
    pub(crate) async fn it_is_lifted_and_the_match_taken_back(&self) {
        let [other, own] = &self.families;
        let unblock = calls::Unblock { pet: other.pet };
        own.desktop.app.call(unblock).await.unwrap();
        self.everybody_exchanges().await;
        let again = matches(&own.desktop).await;
        assert_eq!((again.len(), &matches(&other.desktop).await), (1, &again));

        own.desktop
            .app
            .call(calls::Unmatch { id: again[0] })
            .await
            .unwrap();
        assert_eq!(matches(&own.desktop).await, [], "at once");
        self.everybody_exchanges().await;
        self.everybody_exchanges().await;
        for family in &self.families {
            assert_eq!(matches(&family.desktop).await, []);
            let open = playdates(&family.desktop).await;
            assert!(
                open.iter().all(|view| view.playdate.state.is_final()),
                "{open:#?}"
            );
        }
        let ends: Vec<_> = playdates(&other.desktop).await;
        assert!(
            ends.iter()
                .any(|view| view.playdate.cancelled == Some(CancelReason::ByOwner))
        );
    }
}
