//! Answering a proposal, or calling a playdate off.

use romp_domain::calls::PlaydateAnswer;
use romp_domain::{ErrorCode, MatchId, Playdate, PlaydateAct, Problem};

use crate::App;

/// Notes the answer. The playdate shows it as waiting until the server has decided.
pub(crate) fn answer(app: &App, call: PlaydateAnswer) -> Result<(), Problem> {
    app.change(|writer| {
        let playdate: Playdate = writer.get(call.id.0)?.ok_or(ErrorCode::NotFound)?;
        if playdate.state.is_final() {
            return Err(Problem::new(ErrorCode::Frozen));
        }
        if playdate.rev != call.expect_rev {
            return Err(Problem::new(ErrorCode::Stale));
        }
        let accepted_before = call.act == PlaydateAct::Accept && playdate.accepted;
        let of = MatchId::of(playdate.pet, playdate.other.id);
        let waiting = writer.waiting_act(call.id, of)?;
        let says_nothing_new = waiting.map_or(accepted_before, |waiting| waiting == call.act);
        if !says_nothing_new {
            writer.act(call.id, call.act, call.expect_rev)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Device, code};
    use romp_domain::calls::Playdates;
    use romp_domain::{Entity, Kind, PetId, PlaydateId, PlaydateState};
    use uuid::Uuid;

    const ID: PlaydateId = PlaydateId(Uuid::from_u128(50));

    async fn with_proposal(state: PlaydateState) -> (Device, PetId) {
        let device = Device::registered().await;
        let rex = device.add_pet("Rex").await;
        device.server.put(
            ID.0,
            &Playdate {
                pet: rex,
                state,
                rev: 3,
                ..Playdate::example()
            },
        );
        device.sync().await;
        assert_ne!(ID, PlaydateId::of(MatchId(Uuid::nil()), 0));
        (device, rex)
    }

    fn give(act: PlaydateAct, expect_rev: u32) -> PlaydateAnswer {
        PlaydateAnswer {
            id: ID,
            act,
            expect_rev,
        }
    }

    async fn waiting(device: &Device) -> Option<PlaydateAct> {
        device.call(Playdates {}).await.unwrap()[0].waiting
    }

    #[tokio::test]
    async fn an_answer_waits_until_the_servers_decision_has_come() {
        let (device, rex) = with_proposal(PlaydateState::Proposed).await;
        device.server.fails(Problem::new(ErrorCode::Offline));
        device.call(give(PlaydateAct::Accept, 3)).await.unwrap();
        device.call(give(PlaydateAct::Accept, 3)).await.unwrap();
        assert_eq!(
            device.status().await.pending,
            1,
            "saying it twice is saying it once"
        );
        let device = device.restarted();
        assert_eq!(waiting(&device).await, Some(PlaydateAct::Accept));
        device.call(give(PlaydateAct::Decline, 3)).await.unwrap();
        assert_eq!(
            waiting(&device).await,
            Some(PlaydateAct::Decline),
            "one can think again"
        );

        device.server.fails(None);
        let decided = Playdate {
            pet: rex,
            state: PlaydateState::Declined,
            rev: 4,
            ..Playdate::example()
        };
        device.server.put(ID.0, &decided);
        device.sync().await;
        assert_eq!(waiting(&device).await, None);
        assert_eq!(
            device
                .server
                .applied()
                .iter()
                .filter(|m| m.kind == Kind::Playdate)
                .count(),
            2
        );
    }

    #[tokio::test]
    async fn what_is_settled_unknown_or_unseen_cannot_be_answered() {
        let (device, _) = with_proposal(PlaydateState::Cancelled).await;
        assert_eq!(
            code(device.call(give(PlaydateAct::Accept, 3)).await),
            ErrorCode::Frozen
        );
        let (device, _) = with_proposal(PlaydateState::Proposed).await;
        assert_eq!(
            code(device.call(give(PlaydateAct::Accept, 2)).await),
            ErrorCode::Stale
        );
        let unknown = PlaydateAnswer {
            id: PlaydateId(Uuid::nil()),
            ..give(PlaydateAct::Accept, 3)
        };
        assert_eq!(code(device.call(unknown).await), ErrorCode::NotFound);
        assert_eq!(device.status().await.pending, 0);
    }

    #[tokio::test]
    async fn a_refused_answer_stops_waiting_and_is_listed() {
        let (device, _) = with_proposal(PlaydateState::Proposed).await;
        device.server.refuses(Kind::Playdate);
        device.call(give(PlaydateAct::Accept, 3)).await.unwrap();
        device.sync().await;
        assert_eq!(waiting(&device).await, None);
        assert_eq!(device.status().await.refused[0].kind, Kind::Playdate);
    }
}
