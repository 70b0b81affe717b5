//! Measures with their units in the type.

use crate::macros::{bounded_number, closed_set};

bounded_number! {
    /// A pet's weight in grams, 10 g (a mouse) to 500 kg (a large pig).
    Weight(u32) in 10 ..= 500_000
}

bounded_number! {
    /// A step from 1 (little) to 5 (much): energy, recall.
    Level(u8) in 1 ..= 5
}

bounded_number! {
    /// How far a family travels, in kilometres.
    Km(u8) in 1 ..= 100
}

closed_set! {
    /// A size that other families see instead of the weight.
    Size {
        /// Under 10 kg.
        Small = "s",
        /// 10 to under 25 kg.
        Medium = "m",
        /// 25 to under 40 kg.
        Large = "l",
        /// 40 kg and more.
        ExtraLarge = "xl",
    }
}

impl Weight {
    /// The weight in whole kilograms, rounded down.
    pub const fn whole_kilograms(self) -> u32 {
        self.get() / 1_000
    }

    /// The size class: limits as shelters and dog parks use them (10, 25 and 40 kg).
    pub const fn size(self) -> Size {
        match self.get() {
            0..10_000 => Size::Small,
            10_000..25_000 => Size::Medium,
            25_000..40_000 => Size::Large,
            _ => Size::ExtraLarge,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_classes_change_exactly_at_their_limits() {
        let size = |g| Weight::new(g).unwrap().size();
        assert_eq!([size(9_999), size(10_000)], [Size::Small, Size::Medium]);
        assert_eq!([size(24_999), size(25_000)], [Size::Medium, Size::Large]);
        assert_eq!([size(39_999), size(40_000)], [Size::Large, Size::ExtraLarge]);
    }

    #[test]
    fn numbers_outside_their_limits_cannot_be_read() {
        assert!(serde_json::from_str::<Level>("0").is_err());
        assert!(serde_json::from_str::<Level>("6").is_err());
        assert!(
            serde_json::from_str::<Weight>("null").is_err(),
            "NaN is null in JSON"
        );
        assert_eq!(serde_json::from_str::<Km>("7").unwrap().get(), 7);
    }
}
