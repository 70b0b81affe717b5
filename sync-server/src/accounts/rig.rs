//! A server with a clock that stands still, for the tests of the use cases and of the routes.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::text::{DeviceName, Email, Password, PersonName, TypedPassword};
use romp_domain::wire::{
    DeviceInfo, PairRequest, PairingRequest, RegisterRequest, RevokeOthersRequest, RevokeRequest,
    SessionReply, SignInRequest,
};
use romp_domain::{
    AuditEvent, Consent, DeviceId, Entity, Hlc, Household, HouseholdId, Kind, Role, SessionId, Switch, UtcMs,
    ZoneName,
};
use romp_sync::{Registers, Stamp};
use uuid::Uuid;

use super::{create_pairing, invite, pair, register};
use crate::db::sqlite::SqliteDb;
use crate::db::{DbExt, SessionRecord};
use crate::env::{Clock, Random, SystemRandom};
use crate::mail::Mail;
use crate::mail::tests::mails_in;
use crate::passwords::Work;
use crate::secrets::token_hash;
use crate::server::{Server, Settings};

pub(crate) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
pub(crate) const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
pub(crate) const PASSWORD: &str = "correct horse battery";

struct Standing(AtomicI64);

impl Clock for Standing {
    fn now(&self) -> UtcMs {
        UtcMs(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct Rig {
    pub(crate) server: Arc<Server>,
    pub(crate) folder: tempfile::TempDir,
    mail: Option<tempfile::TempDir>,
    clock: Arc<Standing>,
}

/// Passwords are hashed with little work.
fn quick() -> Settings {
    Settings {
        hashing: Work::LEAST,
        ..Settings::default()
    }
}

impl Rig {
    /// Registration is closed, as it is by default.
    pub(crate) fn new() -> Self {
        Self::with(quick())
    }

    /// Registration is open.
    pub(crate) fn open() -> Self {
        Self::with(Settings {
            open_registration: true,
            ..quick()
        })
    }

    /// Nobody is refused for calling often.
    pub(crate) fn unlimited() -> Self {
        Self::with(Settings {
            unlimited: true,
            ..quick()
        })
    }

    /// Mail goes out, into a folder.
    pub(crate) fn mailing() -> Self {
        let mail = tempfile::tempdir().unwrap();
        let way = format!("file:{}", mail.path().display());
        let rig = Self::with(Settings {
            mail: Some(Mail::through(&way, "Romp <romp@example.org>").unwrap()),
            ..quick()
        });
        Self {
            mail: Some(mail),
            ..rig
        }
    }

    /// The mails so far, oldest first.
    pub(crate) fn mails(&self) -> Vec<String> {
        let mail = self.server.mail().unwrap();
        assert!(mail.settle(Duration::from_mins(1)), "the mails are sent");
        mails_in(self.mail.as_ref().unwrap().path())
    }

    /// The code in the newest mail.
    pub(crate) fn mailed_code(&self) -> String {
        self.mailed_code_of("")
    }

    /// The code in the newest mail that says this.
    pub(crate) fn mailed_code_of(&self, saying: &str) -> String {
        let mails = self.mails();
        let newest = mails.iter().rfind(|mail| mail.contains(saying)).unwrap();
        let line = newest.lines().find(|line| line.starts_with("    ")).unwrap();
        line.trim().to_owned()
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = SqliteDb::open(&folder.path().join("romp.db")).unwrap();
        let clock = Arc::new(Standing(AtomicI64::new(1_790_000_000_000)));
        let server = Server::new(Arc::new(db), clock.clone(), Arc::new(SystemRandom), settings);
        Self {
            server,
            folder,
            mail: None,
            clock,
        }
    }

    pub(crate) fn now(&self) -> UtcMs {
        self.clock.now()
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// The same server, after mail was switched off.
    pub(crate) fn without_mail(&self) -> Arc<Server> {
        let settings = Settings {
            mail: None,
            ..self.server.settings.clone()
        };
        Server::new(
            self.server.db.clone(),
            self.clock.clone(),
            Arc::new(SystemRandom),
            settings,
        )
    }

    /// The same server, as it would be if it could make nothing up: no id, no salt, no token.
    pub(crate) fn without_randomness(&self) -> Arc<Server> {
        struct Nothing;
        impl Random for Nothing {
            fn fill(&self, _: &mut [u8]) {
                panic!("something was made");
            }
        }
        let settings = self.server.settings.clone();
        Server::new(
            self.server.db.clone(),
            self.clock.clone(),
            Arc::new(Nothing),
            settings,
        )
    }

    /// Registers household `n` from its owner's device `n`.
    pub(crate) fn owner(&self, n: u128) -> SessionReply {
        let invitation = invite(&self.server, 1).unwrap();
        register(&self.server, HERE, register_request(n, Some(invitation.expose()))).unwrap()
    }

    /// Gives or withdraws the consent to children using the app.
    pub(crate) fn consent(&self, household: HouseholdId, given: bool) {
        let mut settings = Household::new(ZoneName::utc());
        settings.child_consent = given.then_some(Consent {
            notice: Consent::NOTICE,
            given_at: self.now(),
        });
        let stamp = Stamp(Hlc::at_ms(self.now().0), DeviceId(Uuid::nil()));
        let row = Registers::of(&settings.to_fields(), stamp);
        self.server
            .db
            .write(move |tx| tx.put_row(household, Kind::Household, HOUSEHOLD_ROW, &row))
            .unwrap();
    }

    /// Stores a switch, and tells nobody.
    pub(crate) fn switch_off(&self, household: HouseholdId, switch: Switch) {
        let stamp = Stamp(Hlc::at_ms(self.now().0), DeviceId(Uuid::nil()));
        let row = Registers::of(&switch.to_fields(), stamp);
        self.server
            .db
            .write(move |tx| tx.put_row(household, Kind::Switch, Uuid::from_u128(7), &row))
            .unwrap();
    }

    /// The owner of household `n`, whose address is proved.
    pub(crate) fn owner_with_address(&self, n: u128) -> SessionReply {
        let owner = self.owner(n);
        let (user, now) = (self.session(&owner.token).user.unwrap(), self.now());
        let household = owner.household;
        let proved = self.server.db.write(move |tx| {
            tx.verify_user(user, now)?;
            tx.unset_unverified(household)
        });
        proved.unwrap();
        owner
    }

    /// A device `n` that joined the owner's household by code. Consent is given before.
    pub(crate) fn paired(&self, owner: &SessionReply, role: Role, n: u128) -> SessionReply {
        self.consent(owner.household, true);
        let session = self.session(&owner.token);
        let code = create_pairing(&self.server, &session, &pairing(role))
            .unwrap()
            .code;
        let device = device(n);
        pair(&self.server, HERE, PairRequest { code, device }).unwrap()
    }

    /// The last entry of a household's security log, and which session it is about.
    pub(crate) fn last_entry(&self, household: HouseholdId) -> (AuditEvent, Option<SessionId>) {
        let found = self.server.db.read(move |tx| tx.audit_of(household, None, 1));
        let (_, entry) = found.unwrap().remove(0);
        (entry.event, entry.session)
    }

    pub(crate) fn session(&self, token: &str) -> SessionRecord {
        let hash = token_hash(token).unwrap();
        self.server
            .db
            .read(move |tx| tx.session_by_token(&hash))
            .unwrap()
            .unwrap()
    }
}

pub(crate) fn device(n: u128) -> DeviceInfo {
    DeviceInfo {
        id: DeviceId(Uuid::from_u128(n)),
        name: DeviceName::new("Kitchen tablet").unwrap(),
    }
}

pub(crate) fn register_request(n: u128, invitation: Option<&str>) -> RegisterRequest {
    RegisterRequest {
        invitation: invitation.map(str::to_owned),
        email: Email::new(&format!("owner{n}@example.org")).unwrap(),
        password: Password::new(PASSWORD.into()).unwrap(),
        name: PersonName::new("Ann").unwrap(),
        device: device(n),
        household: None,
    }
}

pub(crate) fn typed(password: &str) -> TypedPassword {
    TypedPassword::new(password.into()).unwrap()
}

/// The owner of household `n` on a device.
pub(crate) fn sign_in_request(n: u128, device_number: u128) -> SignInRequest {
    SignInRequest {
        email: Email::new(&format!("owner{n}@example.org")).unwrap(),
        password: typed(PASSWORD),
        device: device(device_number),
    }
}

/// Ends a session of the household, with the password.
pub(crate) fn naming(session: SessionId) -> RevokeRequest {
    let password = Some(typed(PASSWORD));
    RevokeRequest { session, password }
}

/// Ends all others, with the password.
pub(crate) fn proved() -> RevokeOthersRequest {
    let password = Some(typed(PASSWORD));
    RevokeOthersRequest { password }
}

/// Asks for a code, with the password.
pub(crate) fn pairing(role: Role) -> PairingRequest {
    let password = typed(PASSWORD);
    PairingRequest { role, password }
}
