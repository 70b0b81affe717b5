//! Quiet hours on a child's tablet: refused online and offline with the comment, nothing that was done before is lost, and
//! a clock that is set back changes nothing.

use romp_domain::policy::Operation;
use romp_domain::switch::{QuietHours, SwitchScope};
use romp_domain::text::Remark;
use romp_domain::time::{DAY_MS, HOUR_MS};
use romp_domain::{ErrorCode, Minute, Problem, SwitchId, UtcMs, Weekday, calls, view};

use crate::family::Device;
use crate::story::{Family, World};

const COMMENT: &str = "Romp is asleep now. So should you be!";

async fn status(device: &Device) -> view::Status {
    device.app.call(calls::Status {}).await.unwrap()
}

/// Quiet from an hour before `now` to an hour after, every day, by the clock in Los Angeles, where the family lives.
fn around(now: UtcMs) -> QuietHours {
    let local = jiff::Timestamp::from_millisecond(now.0)
        .unwrap()
        .in_tz("America/Los_Angeles")
        .unwrap();
    let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
    let at = |minute: i64| Minute::new(minute.rem_euclid(1_440)).unwrap();
    QuietHours::new(
        Weekday::ALL.iter().copied().collect(),
        at(minute - 60),
        at(minute + 60),
    )
    .unwrap()
}

fn is_asleep(refused: &Problem) {
    assert_eq!(
        (refused.code, refused.message.as_str()),
        (ErrorCode::SwitchedOff, COMMENT)
    );
    // Near midnight an hour may be counted from the other side.
    assert!(refused.retry_after_s.is_some_and(|seconds| seconds <= 2 * 3_600));
}

impl World {
    /// A child chooses offline, quiet hours begin, and an owner ends them early.
    pub(crate) async fn quiet_hours_begin_and_end(&self) {
        let (family, other) = (&self.families[0], &self.families[1]);
        family.child_says_yes(other.pet).await;
        let quiet = self.quiet_hours(family).await;
        family.desktop.sync().await;

        // Online: what was chosen before is refused, stays to be seen, and waits.
        family.tablet.sync().await;
        let told = status(&family.tablet).await;
        assert_eq!(
            (told.waiting, told.pending, told.refused.len()),
            (1, 0, 0),
            "{told:#?}"
        );
        assert_eq!(told.switched_off[0].comment.as_str(), COMMENT);
        family.tablet.go_online();
        is_asleep(&family.deck().await.unwrap_err());
        family.tablet.go_offline();
        is_asleep(&family.deck().await.unwrap_err());
        family.desktop.sync().await;
        assert!(
            family
                .desktop
                .app
                .call(calls::Releases {})
                .await
                .unwrap()
                .is_empty()
        );

        // Set back by hours, or by a day and a restart of nothing: the server's time has been heard of.
        for ms in [-3 * HOUR_MS, -DAY_MS] {
            family.tablet.clock.advance_ms(ms);
            is_asleep(&family.deck().await.unwrap_err());
        }
        family.tablet.sync().await;
        is_asleep(&family.deck().await.unwrap_err());
        assert_eq!(status(&family.tablet).await.waiting, 1);

        // An owner lifts them: what waited arrives, once.
        family
            .desktop
            .app
            .call(calls::SwitchLift { id: quiet })
            .await
            .unwrap();
        family.desktop.sync().await;
        family.tablet.sync().await;
        let told = status(&family.tablet).await;
        assert_eq!(
            (told.waiting, told.pending, told.refused.len()),
            (0, 0, 0),
            "{told:#?}"
        );
        assert!(told.switched_off.is_empty());
        family.deck().await.unwrap();
        family.desktop.sync().await;
        let releases = family.desktop.app.call(calls::Releases {}).await.unwrap();
        assert_eq!(
            releases
                .iter()
                .map(|waiting| waiting.card.pet.id)
                .collect::<Vec<_>>(),
            [other.pet]
        );
    }

    async fn quiet_hours(&self, family: &Family) -> SwitchId {
        let save = calls::SwitchSave {
            id: None,
            scope: SwitchScope::Children,
            operations: [Operation::Choose].into(),
            comment: Remark::new(COMMENT).unwrap(),
            starts_at: Some(self.now.plus_ms(-HOUR_MS)),
            ends_at: None,
            hours: Some(around(self.now)),
        };
        family.desktop.app.call(save).await.unwrap()
    }
}

impl Family {
    async fn deck(&self) -> Result<view::DeckView, Problem> {
        self.tablet.app.call(calls::Deck { pet: self.pet }).await
    }
}
