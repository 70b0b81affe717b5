//! Names of the members of closed sets, and short phrases made of them.

use romp_domain::household::Venue;
use romp_domain::pet::Evidence;
use romp_domain::playdate::CancelReason;
use romp_domain::policy::Operation;
use romp_domain::row::Kind;
use romp_domain::view::SecretStore;
use romp_domain::{
    AgeBand, Avatar, Breed, Distance, Guard, Known, Pet, PlayStyle, PlaydateAct, PublicPet, Reason, Role,
    Sex, Size, Sociability, Species, Weekday,
};

/// What kind of animal.
pub(crate) fn species(species: Species) -> &'static str {
    match species {
        Species::Dog => "Dog",
        Species::Cat => "Cat",
        Species::Rabbit => "Rabbit",
        Species::GuineaPig => "Guinea pig",
        Species::Goat => "Goat",
        Species::Pig => "Pig",
        Species::Other => "Another animal",
    }
}

/// The same, of several.
pub(crate) fn species_many(species: Species) -> &'static str {
    match species {
        Species::Dog => "Dogs",
        Species::Cat => "Cats",
        Species::Rabbit => "Rabbits",
        Species::GuineaPig => "Guinea pigs",
        Species::Goat => "Goats",
        Species::Pig => "Pigs",
        Species::Other => "Other animals",
    }
}

/// What it loves to do.
pub(crate) fn play_style(style: PlayStyle) -> &'static str {
    match style {
        PlayStyle::Chaser => "Chasing",
        PlayStyle::Wrestler => "Wrestling",
        PlayStyle::Tugger => "Tugging toys",
        PlayStyle::BodySlammer => "Bouncing about",
        PlayStyle::Cheerleader => "Cheering along",
        PlayStyle::Gentle => "Playing softly",
    }
}

fn both_love(style: PlayStyle) -> &'static str {
    match style {
        PlayStyle::Chaser => "Both love to chase",
        PlayStyle::Wrestler => "Both love to wrestle",
        PlayStyle::Tugger => "Both love to tug",
        PlayStyle::BodySlammer => "Both love to bounce",
        PlayStyle::Cheerleader => "Both love to cheer",
        PlayStyle::Gentle => "Both play softly",
    }
}

/// Why two pets fit.
pub(crate) fn reason(reason: Reason) -> String {
    match reason {
        Reason::BothPlay { style } => both_love(style).to_owned(),
        Reason::BothFree { weekday: day } => format!("Both free on {}", weekday(day)),
        Reason::SameSize => "About the same size".to_owned(),
        Reason::SameEnergy => "Just as lively".to_owned(),
        Reason::Nearby => "Lives close by".to_owned(),
    }
}

/// A day of the week.
pub(crate) fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// How far away, in steps.
pub(crate) fn distance(distance: Distance) -> &'static str {
    match distance {
        Distance::Under2Km => "Very near",
        Distance::Under5Km => "Under 5 km away",
        Distance::Under10Km => "Under 10 km away",
        Distance::Under25Km => "Under 25 km away",
        Distance::Further => "Further away",
    }
}

/// A size class.
pub(crate) fn size(size: Size) -> &'static str {
    match size {
        Size::Small => "Small",
        Size::Medium => "Medium",
        Size::Large => "Large",
        Size::ExtraLarge => "Very large",
    }
}

/// A size class with its limits.
pub(crate) fn size_limits(size: Size) -> &'static str {
    match size {
        Size::Small => "Small, under 10 kg",
        Size::Medium => "Medium, 10 to 25 kg",
        Size::Large => "Large, 25 to 40 kg",
        Size::ExtraLarge => "Very large, from 40 kg",
    }
}

/// Sex.
pub(crate) fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "Girl",
        Sex::Male => "Boy",
        Sex::Unknown => "Not known",
    }
}

/// An answer that may be unknown.
pub(crate) fn known(known: Known) -> &'static str {
    match known {
        Known::Yes => "Yes",
        Known::No => "No",
        Known::Unknown => "Not sure",
    }
}

/// How it is with strangers.
pub(crate) fn sociability(sociability: Sociability) -> &'static str {
    match sociability {
        Sociability::Shy => "Shy",
        Sociability::Selective => "Picky",
        Sociability::Social => "Likes most",
        Sociability::Reactive => "One calm friend at a time",
    }
}

/// What it guards.
pub(crate) fn guard(guard: Guard) -> &'static str {
    match guard {
        Guard::Food => "Its food",
        Guard::Toys => "Its toys",
        Guard::People => "Its people",
    }
}

/// How a vaccination is known.
pub(crate) fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Declared => "We say so",
        Evidence::Seen => "Certificate seen",
    }
}

/// Roughly where a playdate would be.
pub(crate) fn meeting_place(kind: Venue) -> String {
    let place = venue(kind);
    match kind {
        Venue::Yard | Venue::Indoor => format!("{place}, at one of the two homes"),
        Venue::NeutralPark | Venue::FencedHire | Venue::Walk => format!("{place}, half way between you"),
    }
}

/// What to mind when two pets meet for the first time.
pub(crate) fn first_meeting(one: Species, other: Species) -> &'static str {
    if (one, other) == (Species::Dog, Species::Dog) {
        "First meeting: on the lead at first, toys and food stay away, one grown-up for each dog."
    } else {
        "First meeting: give both time and a place to hide, one grown-up for each pet."
    }
}

/// A kind of place.
pub(crate) fn venue(venue: Venue) -> &'static str {
    match venue {
        Venue::NeutralPark => "A park",
        Venue::FencedHire => "A fenced field for hire",
        Venue::Walk => "A walk together",
        Venue::Yard => "A garden or yard",
        Venue::Indoor => "Indoors",
    }
}

/// A child's picture.
pub(crate) fn avatar(avatar: Avatar) -> &'static str {
    match avatar {
        Avatar::Fox => "Fox",
        Avatar::Bear => "Bear",
        Avatar::Owl => "Owl",
        Avatar::Frog => "Frog",
        Avatar::Otter => "Otter",
        Avatar::Panda => "Panda",
        Avatar::Hedgehog => "Hedgehog",
        Avatar::Lion => "Lion",
    }
}

/// Roughly how old.
pub(crate) fn age_band(band: AgeBand) -> &'static str {
    match band {
        AgeBand::FourToSix => "4 to 6",
        AgeBand::SevenToNine => "7 to 9",
        AgeBand::TenToTwelve => "10 to 12",
    }
}

/// Whose device.
pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "A grown-up's device",
        Role::Child => "A child's device",
    }
}

/// What can be switched off.
pub(crate) const fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::Choose => "Choosing cards",
        Operation::Release => "Letting out",
        Operation::Meet => "Accepting playdates",
        Operation::Pets => "Changing pets",
        Operation::Hours => "Changing free hours",
        Operation::Family => "Changing the family",
        Operation::Devices => "Adding devices and people",
        Operation::Live => "News at once",
    }
}

/// Where the token is kept.
pub(crate) fn secret_store(store: SecretStore) -> (&'static str, &'static str) {
    match store {
        SecretStore::Keyring => (
            "In this device's keyring",
            "The operating system keeps it locked. You stay signed in when Romp closes.",
        ),
        SecretStore::Memory => (
            "In memory only",
            "This device offers no keyring, so Romp writes the key nowhere. You sign in again each time Romp opens.",
        ),
    }
}

/// What a refused change was about.
pub(crate) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Household => "Family settings",
        Kind::Child => "A child profile",
        Kind::Pet => "A pet",
        Kind::Slot => "Free hours",
        Kind::Exception => "A special date",
        Kind::Swipe => "A choice on a card",
        Kind::Card => "A card",
        Kind::Match => "A match",
        Kind::Playdate => "A playdate",
        Kind::Switch => "Something that is switched off",
        Kind::Block => "A blocked family",
    }
}

/// Why a playdate was called off.
pub(crate) fn cancel_reason(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::ByOwner => "One of the families called it off.",
        CancelReason::PetRests => "Your pet needs rest.",
        CancelReason::Changed => "It does not work out for one of the families.",
        CancelReason::PetGone => "One of the pets is not taking part any more.",
        CancelReason::TooLate => "The time passed before both families had answered.",
    }
}

/// An answer that is on its way.
pub(crate) fn waiting(act: PlaydateAct) -> &'static str {
    match act {
        PlaydateAct::Accept => "Your yes is on its way",
        PlaydateAct::Decline => "Your no is on its way",
        PlaydateAct::Cancel => "Being called off",
    }
}

/// A pet's name, or what it is.
pub(crate) fn pet_name(pet: &Pet) -> String {
    pet.name.as_ref().map_or_else(
        || format!("Our {}", species(pet.species).to_ascii_lowercase()),
        ToString::to_string,
    )
}

/// The name of another family's pet, or what it is.
pub(crate) fn public_name(pet: &PublicPet) -> String {
    pet.name.as_ref().map_or_else(
        || format!("A {}", species(pet.species).to_ascii_lowercase()),
        ToString::to_string,
    )
}

/// "Beagle", "Mix of Collie and Poodle", "Dog".
pub(crate) fn breed(of: Species, breed: &Breed) -> String {
    match breed {
        Breed::Unknown => species(of).to_owned(),
        Breed::Pure { breed } => breed.to_string(),
        Breed::Mix { first, second } => match (first, second) {
            (Some(one), Some(other)) => format!("Mix of {one} and {other}"),
            (Some(one), None) | (None, Some(one)) => format!("{one} mix"),
            (None, None) => format!("{}, mixed", species(of)),
        },
        Breed::Described { words } => words.to_string(),
    }
}

/// "Under a year", "1 year", "7 years".
pub(crate) fn age(years: u8) -> String {
    match years {
        0 => "Under a year".to_owned(),
        1 => "1 year".to_owned(),
        years => format!("{years} years"),
    }
}

/// How lively, in words.
pub(crate) fn energy(level: u8) -> &'static str {
    match level {
        0 | 1 => "Very calm",
        2 => "Calm",
        3 => "In between",
        4 => "Lively",
        _ => "Always running",
    }
}

/// How well it comes when called.
pub(crate) fn recall(level: u8) -> &'static str {
    match level {
        0 | 1 => "Hardly ever",
        2 => "Sometimes",
        3 => "Mostly",
        4 => "Nearly always",
        _ => "Always",
    }
}
