//! Text that people type: trimmed and cleaned once, bounded, never empty.
//!
//! Cleaning: runs of white space become one space; control characters, zero-width characters and direction
//! overrides are dropped, because they can hide or reverse what a child or an owner reads. Length is counted in
//! Unicode scalar values. Deliberately absent: word filters (they come with photos and moderation) and
//! normalisation to NFC (two spellings of the same accent only ever look the same; nothing compares names).

use serde::{Deserialize, Serialize};

use crate::error::Reason;
use crate::secret::secret;

/// Whether a character may hide or reorder others, or is not text at all.
pub fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200C}' | '\u{200E}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}' | '\u{E000}'..='\u{F8FF}')
}

/// Most characters of a name or of an explanation that are told back to whoever sent it.
const MAX_TOLD: usize = 80;

/// What somebody sent, to be told back to them: cut short, and without characters that hide or reorder others.
pub fn told(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && (c.is_ascii() || c.is_alphanumeric()))
        .take(MAX_TOLD)
        .collect()
}

/// Cleans text and checks its length, in characters.
fn clean(text: &str, min: usize, max: usize) -> Result<String, Reason> {
    // White space first: a line break is a control character, and separates words all the same.
    let kept: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_dangerous(*c))
        .collect();
    let mut out = String::with_capacity(kept.len());
    for word in kept.split(' ').filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    match out.chars().count() {
        0 => Err(Reason::Empty),
        n if n < min => Err(Reason::TooShort { min }),
        n if n > max => Err(Reason::TooLong { max }),
        _ => Ok(out),
    }
}

macro_rules! texts {
    ($($(#[$meta:meta])* $name:ident, $max:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        #[cfg(feature = "schema")]
        $crate::schema::text!($name);

        impl $name {
            /// Most characters allowed.
            pub const MAX: usize = $max;

            /// Cleans and checks.
            pub fn new(text: &str) -> Result<Self, Reason> { clean(text, 1, Self::MAX).map(Self) }

            /// The text.
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl TryFrom<String> for $name {
            type Error = Reason;
            fn try_from(text: String) -> Result<Self, Reason> { Self::new(&text) }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self { text.0 }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }
    )+};
}

texts! {
    /// A pet's name. The longest in the licence register has 50 characters.
    PetName, 50;
    /// A breed as people write it.
    BreedName, 60;
    /// What a child is called in the app. Not a full name: there is no room for one.
    Nickname, 20;
    /// What the family is called; never shown to others.
    HouseholdName, 50;
    /// An owner's name; shown to nobody outside the household.
    PersonName, 60;
    /// How a device is called in the list of devices.
    DeviceName, 40;
    /// A place as the family knows it ("near the lake"); never shown to others.
    PlaceLabel, 60;
    /// A short remark.
    Remark, 200;
    /// A longer note.
    Note, 1000;
}

impl Nickname {
    /// Any valid nickname, for judging the other fields of a child profile.
    pub(crate) fn example() -> Self {
        Self("Mia".to_owned())
    }
}

/// An e-mail address: lower-cased, shaped like `somebody@some.where`. Whether it exists only a mail can tell.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The longest address that mail servers must accept (RFC 5321, section 4.5.3.1).
    pub const MAX: usize = 254;

    /// Cleans and checks.
    pub fn new(text: &str) -> Result<Self, Reason> {
        // Lower-cased first: some letters become longer by it, and what is kept has to be within the limit.
        let text = clean(&text.to_lowercase(), 3, Self::MAX)?;
        let (local, host) = text.split_once('@').ok_or(Reason::NotAnEmail)?;
        let host_ok = host.contains('.')
            && host.split('.').all(|label| {
                !label.is_empty()
                    && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                    && !label.starts_with('-')
            });
        if local.is_empty() || local.contains(' ') || !host_ok {
            return Err(Reason::NotAnEmail);
        }
        Ok(Self(text))
    }

    /// The host of addresses of nobody: one that there cannot be (RFC 2606, section 2).
    pub const FREED: &str = "@freed.invalid";

    /// Nobody's address, in the place of one that turned out to be somebody else's. `number` is its own.
    pub fn freed(number: u128) -> Self {
        Self(format!("{number:032x}{}", Self::FREED))
    }

    /// Whether it is such an address.
    pub fn is_freed(&self) -> bool {
        self.0.ends_with(Self::FREED)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Email {
    type Error = Reason;
    fn try_from(text: String) -> Result<Self, Reason> {
        Self::new(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Email(…)")
    }
}

/// A password on its way to being hashed. Kept exactly as typed; never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Password(String);

impl Password {
    /// Fewest characters (NIST SP 800-63B, section 5.1.1.2).
    pub const MIN: usize = 8;
    /// Most characters; long pass phrases welcome, hashing work bounded.
    pub const MAX: usize = 256;

    /// Checks the length only.
    pub fn new(text: String) -> Result<Self, Reason> {
        match text.chars().count() {
            0 => Err(Reason::Empty),
            n if n < Self::MIN => Err(Reason::TooShort { min: Self::MIN }),
            n if n > Self::MAX => Err(Reason::TooLong { max: Self::MAX }),
            _ => Ok(Self(text)),
        }
    }

    /// The bytes to hash.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

secret!(Password);

/// What somebody typed as their password. Any text, kept exactly as typed: a wrong one is wrong, not invalid. Never
/// printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TypedPassword(String);

impl TypedPassword {
    /// Most characters: more than any password has, and little enough to be hashed.
    pub const MAX: usize = 1024;

    /// Checks that it is not far too long.
    pub fn new(text: String) -> Result<Self, Reason> {
        if text.chars().count() > Self::MAX {
            return Err(Reason::TooLong { max: Self::MAX });
        }
        Ok(Self(text))
    }

    /// The bytes to compare.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

secret!(TypedPassword);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_accents_and_quotes_and_lose_what_hides() {
        assert_eq!(
            PetName::new("  Zoë “Zo”\n O'Malley ").unwrap().as_str(),
            "Zoë “Zo” O'Malley"
        );
        assert_eq!(
            PetName::new("Rex\u{202E}evil\u{200B}").unwrap().as_str(),
            "Rexevil"
        );
        assert_eq!(PetName::new(" \u{200B}\t"), Err(Reason::Empty));
        assert_eq!(PetName::new(&"é".repeat(51)), Err(Reason::TooLong { max: 50 }));
        assert!(PetName::new(&"é".repeat(50)).is_ok());
        assert_eq!(
            PetName::new("👩‍🚀").unwrap().as_str(),
            "👩‍🚀",
            "joined emoji stay whole"
        );
    }

    #[test]
    fn secrets_do_not_print_themselves() {
        assert_eq!(
            format!("{:?}", Password::new("correct horse".into()).unwrap()),
            "Password(…)"
        );
        assert_eq!(
            format!("{:?}", TypedPassword::new("correct horse".into()).unwrap()),
            "TypedPassword(…)"
        );
        assert_eq!(format!("{:?}", Email::new("a@b.example").unwrap()), "Email(…)");
    }

    #[test]
    fn a_typed_password_may_be_anything_but_endless_and_stays_as_typed() {
        for text in ["", " x ", "\u{200B}", &"é".repeat(1024)] {
            assert_eq!(TypedPassword::new(text.to_owned()).unwrap().expose(), text);
        }
        assert_eq!(
            TypedPassword::new("x".repeat(1025)),
            Err(Reason::TooLong { max: 1024 })
        );
    }

    #[test]
    fn addresses_need_a_mailbox_and_a_host() {
        for bad in [
            "@b.example",
            "a@",
            "a@b",
            "a b@c.example",
            "a@-b.example",
            "a@b..example",
        ] {
            assert!(Email::new(bad).is_err(), "{bad}");
        }
        let grows = format!("{}@b.example", "İ".repeat(140));
        assert_eq!(Email::new(&grows), Err(Reason::TooLong { max: 254 }));
        assert_eq!(
            Email::new(" Ann@Example.ORG ").unwrap().as_str(),
            "ann@example.org"
        );
    }
}
