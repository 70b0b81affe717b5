//! What will be tried, in which order and when: made from the seed before anything runs.
//!
//! Each entry stands for itself: it names its device, its time and a number from which all its choices follow. An
//! entry that makes no sense when its turn comes (an answer to no playdate) does nothing. So any part of a plan is a
//! plan, and a failing one can be made short.

use romp_domain::Role;
use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};

use crate::dice::Dice;

macro_rules! whats {
    ($($(#[$meta:meta])* $name:ident = $people:literal;)+) => {
        /// What happens.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum What { $($(#[$meta])* $name),+ }

        /// Everything, with its weight among others.
        pub(crate) const TABLE: &[(What, u32)] = &[$((What::$name, $people)),+];
    };
}

whats! {
    /// A device exchanges with the server.
    Sync = 340;
    /// A card is decided on.
    Swipe = 140;
    Undo = 25;
    Again = 8;
    Release = 60;
    Answer = 90;
    EditPet = 40;
    HidePet = 10;
    ShowPet = 16;
    RestPet = 8;
    WakePet = 10;
    AddPet = 4;
    RemovePet = 2;
    EditFamily = 15;
    /// Consent to show the pets, withdrawn.
    Unshare = 3;
    Share = 8;
    /// Consent to children using the app, withdrawn.
    NoChildren = 2;
    Children = 8;
    Hours = 15;
    NoHours = 4;
    Exception = 12;
    EditChild = 6;
    AddChild = 3;
    RemoveChild = 1;
    Dismiss = 5;
    /// A look at every list.
    Look = 10;
    SignOut = 3;
    /// An owner switches something off, or makes a switch longer, wider, or another one.
    SwitchOff = 10;
    SwitchLonger = 6;
    SwitchOn = 20;
    SwitchRemove = 3;
    /// An owner keeps another family away, or does not any more.
    Block = 3;
    Unblock = 8;
    /// An owner takes a match back.
    Unmatch = 5;
    /// A device without a session gets one.
    Join = 30;

    GoOffline = 6;
    GoOnline = 14;
    /// What a device sends arrives, and it hears nothing back.
    GoDeaf = 4;
    KillDevice = 8;
    Reinstall = 2;
    ClockJump = 6;
    Revoke = 3;
    KillServer = 4;
    /// The server dies somewhere within the next exchanges.
    DoomServer = 6;
    /// The server's disk fails once.
    FailDisk = 4;
    /// The disk of a device fails soon, or its power.
    FailDevice = 20;
    /// The operator backs the server's database up.
    Backup = 4;
    /// The server's database is put back to the last backup.
    Restore = 2;
    /// Everything on a device is copied to another one, and both go on.
    Clone = 1;
    ManyRows = 1;
    /// From here on this device meets a server that knows more than it does.
    Future = 1;
    /// The server's database is lost, and there is no backup.
    Wipe = 1;
    /// An owner deletes the family's account.
    DeleteFamily = 1;
}

impl What {
    /// Whether it is something that goes wrong, rather than something that people do.
    pub(crate) const fn is_fault(self) -> bool {
        self as u8 >= Self::GoOffline as u8
    }

    /// Whether it is still done with a device whose family has deleted its account, or to the server with it.
    pub(crate) const fn is_for_the_deleted(self) -> bool {
        matches!(
            self,
            Self::Sync
                | Self::GoOnline
                | Self::GoOffline
                | Self::GoDeaf
                | Self::KillDevice
                | Self::ClockJump
                | Self::KillServer
                | Self::DoomServer
                | Self::FailDisk
                | Self::Backup
        )
    }
}

/// One entry of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) at_ms: i64,
    pub(crate) seat: usize,
    pub(crate) what: What,
    pub(crate) dice: u64,
}

/// How bad the network is, in thousandths.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Network {
    pub(crate) drops: u32,
    pub(crate) loses_answers: u32,
    pub(crate) duplicates: u32,
    /// Minutes to weeks instead of moments.
    pub(crate) dawdles: u32,
    /// Answers in small pages.
    pub(crate) cuts: u32,
}

/// A place for a device in a family.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    pub(crate) family: usize,
    pub(crate) role: Role,
    pub(crate) name: String,
    pub(crate) skew_ms: i64,
    /// Its app is an old one, and speaks the first version of the protocol.
    pub(crate) old: bool,
}

/// Who there is, and how the network is.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) families: usize,
    pub(crate) seats: Vec<Seat>,
    pub(crate) network: Network,
}

pub(crate) const OWNERS: [&str; 4] = ["Ann", "Ben", "Cleo", "Dan"];
pub(crate) const KIDS: [&str; 4] = ["Mia", "Tom", "Zoe", "Leo"];

/// Sunday, 22 November 2026, noon in UTC.
pub(crate) const START_MS: i64 = 1_795_348_800_000;

/// The setting of a seed.
pub(crate) fn setting(seed: u64) -> Setting {
    let mut dice = Dice::new(seed ^ 0x5E77_1A60);
    let families = 2 + dice.below(5).min(2) as usize;
    let mut seats = Vec::new();
    for family in 0..families {
        let (owner, kid) = (OWNERS[family], KIDS[family]);
        let all = [
            (format!("{owner}'s phone"), Role::Owner),
            (format!("{kid}'s tablet"), Role::Child),
            (format!("{owner}'s laptop"), Role::Owner),
            (format!("{kid}'s old phone"), Role::Child),
        ];
        let devices = 1 + dice.below(4) as usize;
        for (name, role) in all.into_iter().take(devices.max(2 - family.min(1))) {
            let skew_ms = match dice.below(10) {
                0 => dice.between(-400, 400) * DAY_MS,
                1 => dice.between(-90, 90) * MINUTE_MS,
                _ => dice.between(-2_000, 2_000),
            };
            seats.push(Seat {
                family,
                role,
                name,
                skew_ms,
                old: false,
            });
        }
    }
    // In one run of four somebody has not updated the app for a long time.
    let mut updates = Dice::new(seed ^ 0x01D_A995);
    if updates.below(4) == 0 {
        let late = updates.below(seats.len() as u64) as usize;
        seats[late].old = true;
    }
    let quality = dice.below(4) as u32;
    let mut upto = |most: u64| (dice.below(most + 1) as u32) * quality / 3;
    Setting {
        families,
        seats,
        network: Network {
            drops: upto(400),
            loses_answers: upto(200),
            duplicates: upto(200),
            dawdles: upto(150),
            cuts: upto(300),
        },
    }
}

/// Most copies of devices in a run. Their seats are planned for, and empty until there is a copy.
pub(crate) const MOST_COPIES: usize = 2;

/// The plan of a seed: `steps` entries.
pub(crate) fn plan(seed: u64, steps: usize) -> Vec<Planned> {
    let setting = setting(seed);
    let mut dice = Dice::new(seed ^ 0x0914_4ED5);
    // Some runs without any fault, most with some, a few with many.
    let faults = [0, 1, 1, 2, 4][dice.below(5) as usize];
    let table: Vec<(What, u32)> = TABLE
        .iter()
        .map(|(what, weight)| (*what, if what.is_fault() { weight * faults } else { *weight }))
        .collect();
    let mut at_ms = START_MS + HOUR_MS;
    let mut entries = Vec::with_capacity(steps);
    while entries.len() < steps {
        at_ms += match dice.below(1_000) {
            0 => dice.between(1, 21) * DAY_MS,
            1..=15 => dice.between(1, 20) * HOUR_MS,
            16..=150 => dice.between(1, 20) * MINUTE_MS,
            151..=600 => dice.between(1, 60_000),
            _ => dice.between(1, 300),
        };
        entries.push(Planned {
            at_ms,
            seat: dice.below((setting.seats.len() + MOST_COPIES) as u64) as usize,
            what: dice.weighted(&table),
            dice: dice.next(),
        });
    }
    entries
}
