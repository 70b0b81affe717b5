//! A server that lost its database and has no backup: the families enter once more, and their devices bring back
//! everything that the server is told by families. What it had made of that, it makes again.

use romp_app::App;
use romp_domain::text::{DeviceName, Email, Password, PersonName, TypedPassword};
use romp_domain::view::Connection;
use romp_domain::{ErrorCode, Kind, PlaydateState, Role, calls};

use crate::family::Device;
use crate::story::{Family, PASSWORD, World};

/// What a family has entered, as its owner sees it.
async fn entered(app: &App) -> String {
    format!(
        "{:?}\n{:?}\n{:?}\n{:?}",
        app.call(calls::HouseholdGet {}).await.unwrap(),
        app.call(calls::Pets {}).await.unwrap(),
        app.call(calls::Children {}).await.unwrap(),
        app.call(calls::Hours {}).await.unwrap(),
    )
}

async fn hears_that_nobody_knows_it(device: &Device) {
    device.go_online();
    let refused = device.app.call(calls::SyncNow {}).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotSignedIn);
    let status = device.app.call(calls::Status {}).await.unwrap();
    assert_eq!(status.connection, Connection::SignedOut);
}

impl Family {
    /// The owner makes the account anew, and pairs the tablet again.
    async fn enters_again(&self, n: usize, invitation: String, address: &str) {
        let app = &self.desktop.app;
        let register = calls::Register {
            server: address.to_owned(),
            invitation: Some(invitation),
            email: Email::new(&format!("again{n}@romp.example")).unwrap(),
            password: Password::new(PASSWORD.into()).unwrap(),
            name: PersonName::new("Ann").unwrap(),
            device: DeviceName::new("desk").unwrap(),
        };
        app.call(register).await.unwrap();
        app.call(calls::SyncNow {}).await.unwrap();
        let pairing = calls::PairingCreate {
            role: Role::Child,
            password: TypedPassword::new(PASSWORD.into()).unwrap(),
        };
        let code = app.call(pairing).await.unwrap().code;
        let pair = calls::Pair {
            server: address.to_owned(),
            code,
            device: DeviceName::new("tablet").unwrap(),
        };
        self.tablet.app.call(pair).await.unwrap();
        self.tablet.app.call(calls::SyncNow {}).await.unwrap();
    }
}

impl World {
    /// The devices meet a server that has never heard of them.
    pub(crate) async fn the_server_has_lost_everything(&self, invite: impl Fn() -> String, address: &str) {
        let mut before = Vec::new();
        for family in &self.families {
            before.push(entered(&family.desktop.app).await);
            hears_that_nobody_knows_it(&family.desktop).await;
            hears_that_nobody_knows_it(&family.tablet).await;
        }
        for (n, family) in self.families.iter().enumerate() {
            family.enters_again(n, invite(), address).await;
        }
        for family in [&self.families[0], &self.families[1], &self.families[0]] {
            family.desktop.app.call(calls::SyncNow {}).await.unwrap();
            family.tablet.app.call(calls::SyncNow {}).await.unwrap();
        }
        for (family, before) in self.families.iter().zip(before) {
            assert_eq!(entered(&family.desktop.app).await, before);
            let status = family.desktop.app.call(calls::Status {}).await.unwrap();
            assert_eq!(status.pending, 0);
            // An answer to a proposal that is gone with the server has to be given to the new one.
            let only_answers = status
                .refused
                .iter()
                .all(|refused| refused.kind == Kind::Playdate);
            assert!(only_answers, "{status:#?}");
            let playdates = family.desktop.app.call(calls::Playdates {}).await.unwrap();
            let proposed = playdates
                .iter()
                .filter(|view| view.playdate.state == PlaydateState::Proposed);
            assert_eq!(proposed.count(), 1, "both yeses are there again: {playdates:#?}");
        }
    }
}
