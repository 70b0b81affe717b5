//! The story itself, told once: every test runs it under other circumstances.

use std::sync::Arc;

use romp_app::Server;
use romp_domain::text::{
    DeviceName, Email, HouseholdName, Nickname, Note, Password, PersonName, PetName, PlaceLabel, Remark,
    TypedPassword,
};
use romp_domain::time::{DAY_MS, Minute, Weekday};
use romp_domain::{
    AgeBand, Area, Avatar, Child, ChildId, Consent, Km, Pet, PetId, PlaydateAct, PlaydateState, Problem,
    Role, Species, UtcMs, Verdict, WeeklyHours, Weight, calls, view::PlaydateView,
};

use crate::family::{Device, Network};
use crate::gone::CANARY;

/// Of both owners.
pub(crate) const PASSWORD: &str = "a long enough password";

/// What is wrong in this telling. It happens to the first family's tablet and to the second family's desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    Nothing,
    SendsTwice,
    LosesAnswers,
    Clock { ms: i64 },
}

/// Swipes, releases and answers are each made offline and sent one round later, and seen another round later: in the
/// worst order that makes six rounds, and one more in which nothing happens.
const ROUNDS: usize = 7;

/// Two families: the owner's desktop and the child's tablet of each.
pub(crate) struct World {
    pub(crate) families: [Family; 2],
    pub(crate) now: UtcMs,
}

pub(crate) struct Family {
    pub(crate) desktop: Device,
    pub(crate) tablet: Device,
    pub(crate) pet: PetId,
    child: ChildId,
}

impl World {
    /// Sets both families up: entered offline, before any account; then they join, pair a tablet, and receive decks.
    pub(crate) async fn gather<C>(
        connect: C,
        invite: impl Fn() -> String,
        address: &str,
        now: UtcMs,
        wrong: Wrong,
    ) -> Self
    where
        C: Fn(&str) -> Result<Arc<dyn Server>, Problem> + Send + Sync + 'static,
    {
        let connect = Arc::new(connect);
        let (network, skew) = match wrong {
            Wrong::Nothing => (Network::Good, 0),
            Wrong::SendsTwice => (Network::Twice, 0),
            Wrong::LosesAnswers => (Network::LosesAnswers, 0),
            Wrong::Clock { ms } => (Network::Good, ms),
        };
        let device = |seed, bad: bool| {
            let network = if bad { network } else { Network::Good };
            Device::new(&connect, now.plus_ms(if bad { skew } else { 0 }), network, seed)
        };
        let mut families = Vec::new();
        for n in 0..2 {
            let (desktop, tablet) = (device(10 + n, n == 1), device(20 + n, n == 0));
            families.push(Family::settle(desktop, tablet, n, &invite(), address, now).await);
        }
        let families: [Family; 2] = families.try_into().ok().unwrap();
        // The first family joined a street without neighbours; now there is one.
        for family in &families {
            family.desktop.sync().await;
            family.tablet.sync().await;
        }
        Self { families, now }
    }

    /// Children swipe offline; then the devices come online in rounds, in this order, until nothing changes.
    /// `after_each` happens whenever a device has exchanged.
    pub(crate) async fn live_through(&self, order: [usize; 4], mut after_each: impl FnMut()) {
        for (family, other) in [(0, 1), (1, 0)] {
            self.families[family]
                .child_says_yes(self.families[other].pet)
                .await;
        }
        for _ in 0..ROUNDS {
            for device in order {
                let family = &self.families[device / 2];
                if device % 2 == 1 {
                    family.tablet.sync().await;
                    after_each();
                } else {
                    family.desktop.sync().await;
                    after_each();
                    // Offline again: the owner releases and answers, and the next round carries it.
                    family.owner_releases().await;
                    family.owner_accepts().await;
                }
            }
        }
        self.everyone_sees(PlaydateState::Confirmed).await;
        self.it_is_inside_both_weeks().await;
        self.it_is_in_the_calendar_file().await;
    }

    /// The first family's pet falls ill.
    pub(crate) async fn a_pet_falls_ill(&self) {
        let family = &self.families[0];
        let seen = family.pet().await;
        let mut pet = seen.clone();
        let until = jiff::Timestamp::from_millisecond(self.now.plus_ms(30 * DAY_MS).0).unwrap();
        pet.hold_until = Some(until.to_zoned(jiff::tz::TimeZone::UTC).date());
        family
            .desktop
            .app
            .call(calls::PetSave {
                id: Some(family.pet),
                seen: Some(seen),
                pet,
            })
            .await
            .unwrap();
        for _ in 0..2 {
            for family in &self.families {
                family.desktop.sync().await;
                family.tablet.sync().await;
            }
        }
        self.everyone_sees(PlaydateState::Cancelled).await;
        for family in &self.families {
            let deck = family
                .tablet
                .app
                .call(calls::Deck { pet: family.pet })
                .await
                .unwrap();
            assert!(
                deck.cards.is_empty(),
                "a resting pet is on no card, and sees none"
            );
        }
    }

    async fn everyone_sees(&self, state: PlaydateState) {
        let mut seen = Vec::new();
        for family in &self.families {
            for device in [&family.desktop, &family.tablet] {
                let mut all = playdates(device).await;
                assert_eq!(all.len(), 1, "{all:#?}");
                let one = all.remove(0);
                assert_eq!(one.playdate.state, state, "{one:#?}");
                seen.push((one.id, one.playdate.slot));
                let status = device.app.call(calls::Status {}).await.unwrap();
                assert_eq!((status.pending, status.refused.len()), (0, 0), "{status:#?}");
            }
        }
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
    }

    async fn it_is_inside_both_weeks(&self) {
        for family in &self.families {
            let local = playdates(&family.desktop).await.remove(0).local;
            // Both are free on Saturdays; one from 9 to 13, the other from 11 to 17.
            assert_eq!(local.weekday, Weekday::Saturday, "{local:?}");
            assert!(
                local.start.get() >= 11 * 60 && local.end.get() <= 13 * 60,
                "{local:?}"
            );
        }
    }

    async fn it_is_in_the_calendar_file(&self) {
        for family in &self.families {
            let file = family.desktop.app.call(calls::CalendarExport {}).await.unwrap();
            assert_eq!(file.playdates, 1);
            let text = std::fs::read_to_string(&file.path).unwrap();
            assert!(text.contains("BEGIN:VEVENT") && text.contains("Rex"), "{text}");
            assert!(std::path::Path::new(&file.path).starts_with(family.desktop.folder.path()));
        }
    }
}

impl Family {
    async fn settle(
        desktop: Device,
        tablet: Device,
        n: u64,
        invitation: &str,
        address: &str,
        now: UtcMs,
    ) -> Self {
        let app = &desktop.app;
        let mark = [CANARY, "Next door"][n as usize];
        let seen = app.call(calls::HouseholdGet {}).await.unwrap();
        let mut household = seen.clone();
        household.area = Some(Area::around(47.61 + 0.01 * n as f64, -122.33).unwrap());
        household.travel_km = Km::new(8).unwrap();
        household.name = Some(HouseholdName::new(mark).unwrap());
        household.place = Some(PlaceLabel::new(mark).unwrap());
        household.share_consent = Some(Consent {
            notice: Consent::NOTICE,
            given_at: now,
        });
        household.child_consent = household.share_consent;
        app.call(calls::HouseholdSave { seen, household }).await.unwrap();

        let (from, until) = if n == 0 { (9, 13) } else { (11, 17) };
        let minute = |hour: i64| Minute::new(hour * 60).unwrap();
        let weekdays: &[Weekday] = if n == 0 {
            &[Weekday::Saturday, Weekday::Monday]
        } else {
            &[Weekday::Saturday]
        };
        for day in weekdays {
            let hours = WeeklyHours::new(*day, minute(from), minute(until)).unwrap();
            app.call(calls::SlotSave { id: None, hours }).await.unwrap();
        }
        let child = Child::new(Nickname::new(mark).unwrap(), Avatar::Owl, AgeBand::FourToSix);
        let save = calls::ChildSave {
            id: None,
            seen: None,
            child,
        };
        let child = app.call(save).await.unwrap();
        let pet = app
            .call(calls::PetSave {
                id: None,
                seen: None,
                pet: dog(&format!("Rex {mark}"), mark),
            })
            .await
            .unwrap();

        desktop.go_online();
        let register = calls::Register {
            server: address.to_owned(),
            invitation: Some(invitation.to_owned()),
            email: Email::new(&format!("{}@romp.example", mark.replace(' ', "."))).unwrap(),
            password: Password::new(PASSWORD.into()).unwrap(),
            name: PersonName::new(mark).unwrap(),
            device: DeviceName::new(mark).unwrap(),
        };
        app.call(register).await.unwrap();
        desktop.sync().await;
        desktop.go_online();
        let code = app
            .call(calls::PairingCreate {
                role: Role::Child,
                password: TypedPassword::new(PASSWORD.into()).unwrap(),
            })
            .await
            .unwrap()
            .code;
        desktop.go_offline();
        tablet.go_online();
        let pair = calls::Pair {
            server: address.to_owned(),
            code,
            device: DeviceName::new(mark).unwrap(),
        };
        tablet.app.call(pair).await.unwrap();
        tablet.sync().await;
        let mut children = tablet.app.call(calls::Children {}).await.unwrap();
        assert_eq!(
            children.pop().unwrap().id,
            child,
            "what was entered before the account is on the tablet"
        );
        Self {
            desktop,
            tablet,
            pet,
            child,
        }
    }

    async fn pet(&self) -> Pet {
        self.desktop.app.call(calls::Pets {}).await.unwrap().remove(0).pet
    }

    pub(crate) async fn child_says_yes(&self, target: PetId) {
        let app = &self.tablet.app;
        let deck = app.call(calls::Deck { pet: self.pet }).await.unwrap();
        assert_eq!(
            deck.cards.iter().map(|card| card.pet.id).collect::<Vec<_>>(),
            [target],
            "{deck:#?}"
        );
        let swipe = calls::Swipe {
            actor: self.pet,
            target,
            verdict: Verdict::Yes,
            child: Some(self.child),
        };
        app.call(swipe).await.unwrap();
        let after = app.call(calls::Deck { pet: self.pet }).await.unwrap();
        assert!(after.cards.is_empty() && after.can_undo);
    }

    async fn owner_releases(&self) {
        for waiting in self.desktop.app.call(calls::Releases {}).await.unwrap() {
            self.desktop
                .app
                .call(calls::Release {
                    swipe: waiting.swipe,
                    out: true,
                })
                .await
                .unwrap();
        }
    }

    async fn owner_accepts(&self) {
        for view in playdates(&self.desktop).await {
            let open = view.playdate.state == PlaydateState::Proposed && !view.playdate.accepted;
            if open && view.waiting.is_none() {
                let answer = calls::PlaydateAnswer {
                    id: view.id,
                    act: PlaydateAct::Accept,
                    expect_rev: view.playdate.rev,
                };
                self.desktop.app.call(answer).await.unwrap();
            }
        }
    }
}

pub(crate) async fn playdates(device: &Device) -> Vec<PlaydateView> {
    device.app.call(calls::Playdates {}).await.unwrap()
}

fn dog(name: &str, note: &str) -> Pet {
    let mut pet = Pet::new(Species::Dog);
    pet.owner_notes = Some(Note::new(note).unwrap());
    pet.needs = Some(Remark::new(note).unwrap());
    pet.triggers = Some(Remark::new(note).unwrap());
    pet.name = Some(PetName::new(name).unwrap());
    pet.weight_g = Some(Weight::new(11_000).unwrap());
    pet.birth_month = Some(jiff::civil::date(2021, 4, 1));
    pet.visible = true;
    pet
}
