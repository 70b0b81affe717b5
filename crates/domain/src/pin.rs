//! The PIN that takes a device back out of a child's hands: four to eight digits that are not among the first guesses.
//!
//! A **typed PIN** is what somebody tries. Neither prints itself. Deliberately absent: hashing and counting; both are
//! `romp_app`'s.

use serde::{Deserialize, Serialize};

use crate::error::Reason;
use crate::secret::secret;

/// Guessed first, and not caught by a rule: patterns on the keypad, and dates that are in everybody's mind.
/// (Bonneau, Preibusch, Anderson 2012: the first guesses open one device in eleven.)
const OFTEN_CHOSEN: [&str; 14] = [
    "1004", "1122", "1221", "1230", "2580", "0852", "1379", "2468", "1357", "112233", "147258", "159753",
    "789456", "852456",
];

/// A new PIN. Exists only where it is not among those that everybody tries first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pin(String);

impl Pin {
    /// Fewest digits.
    pub const MIN: usize = 4;
    /// Most digits.
    pub const MAX: usize = 8;

    /// Checks length, digits, and that it is not too easy to guess.
    pub fn new(text: String) -> Result<Self, Reason> {
        match text.chars().count() {
            0 => Err(Reason::Empty),
            _ if !text.bytes().all(|byte| byte.is_ascii_digit()) => Err(Reason::NotDigits),
            n if n < Self::MIN => Err(Reason::TooShort { min: Self::MIN }),
            n if n > Self::MAX => Err(Reason::TooLong { max: Self::MAX }),
            _ if is_guessed_first(&text) => Err(Reason::TooCommon),
            _ => Ok(Self(text)),
        }
    }

    /// The digits to hash.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

secret!(Pin);

/// Steps of one or none, the same half twice, a year of birth, or one of the list.
fn is_guessed_first(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let steps_by = |step: i16| {
        bytes
            .windows(2)
            .all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == step)
    };
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let is_year = bytes.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"));
    [0, 1, -1].into_iter().any(steps_by) || first == second || is_year || OFTEN_CHOSEN.contains(&digits)
}

/// What somebody typed as the PIN. Any short text: a wrong one is wrong, not invalid.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TypedPin(String);

impl TypedPin {
    /// Most characters: more than any PIN has.
    pub const MAX: usize = 64;

    /// Checks that it is not far too long.
    pub fn new(text: String) -> Result<Self, Reason> {
        if text.chars().count() > Self::MAX {
            return Err(Reason::TooLong { max: Self::MAX });
        }
        Ok(Self(text))
    }

    /// The text to compare.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

secret!(TypedPin);

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> Option<Reason> {
        Pin::new(text.to_owned()).err()
    }

    #[test]
    fn row_78_a_pin_is_four_to_eight_digits() {
        assert_eq!(refusal(""), Some(Reason::Empty));
        assert_eq!(refusal("482"), Some(Reason::TooShort { min: 4 }));
        assert_eq!(refusal("482915037"), Some(Reason::TooLong { max: 8 }));
        for text in ["48a9", "４８２９", "48 9", "-482", "4829\0"] {
            assert_eq!(refusal(text), Some(Reason::NotDigits), "{text:?}");
        }
        for good in ["4829", "0731", "48291", "48291503"] {
            assert_eq!(refusal(good), None, "{good}");
        }
    }

    #[test]
    fn row_78_what_everybody_tries_first_is_no_pin() {
        for text in [
            "0000", "1111", "99999999", "1234", "123456", "4321", "9876", "0123", "1212", "2323", "123123",
            "1984", "2016", "2580", "1122",
        ] {
            assert_eq!(refusal(text), Some(Reason::TooCommon), "{text}");
        }
        let kept = (0..10_000)
            .filter(|n| refusal(&format!("{n:04}")).is_none())
            .count();
        assert!(kept > 9_500, "{kept} of 10,000 can be chosen");
    }

    #[test]
    fn a_pin_does_not_print_itself() {
        let pin = Pin::new("4829".into()).unwrap();
        let typed = TypedPin::new("4829".into()).unwrap();
        assert_eq!(format!("{pin:?} {typed:?}"), "Pin(…) TypedPin(…)");
        assert!(TypedPin::new("9".repeat(65)).is_err());
    }
}
