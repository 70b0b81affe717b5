//! The two shapes that repeat through the vocabulary: closed sets and bounded numbers.

/// A closed set of words: an enum that serialises as `snake_case` text, knows all its members and its own word.
macro_rules! closed_set {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$vmeta])* $variant),+
        }

        // By hand, through the one table of words: half the code of a derived one, and there are thirty sets.
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::macros::read_word(deserializer, Self::from_word)
            }
        }

        #[cfg(feature = "schema")]
        $crate::schema::words!($name);

        impl $name {
            /// Every member, in the order in which people meet them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used on the wire, in the database and as the key of translations.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The member that a word stands for.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

/// The member of a closed set that a text stands for.
pub(crate) fn read_word<'de, D: serde::Deserializer<'de>, T>(
    deserializer: D,
    from_word: fn(&str) -> Option<T>,
) -> Result<T, D::Error> {
    struct Word<T>(fn(&str) -> Option<T>);
    impl<T> serde::de::Visitor<'_> for Word<T> {
        type Value = T;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a string")
        }
        fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<T, E> {
            (self.0)(word).ok_or_else(|| E::custom("this word is not known here"))
        }
    }
    deserializer.deserialize_str(Word(from_word))
}

/// A whole number with limits, which are part of its type: it cannot exist outside them.
macro_rules! bounded_number {
    ($(#[$meta:meta])* $name:ident($repr:ty) in $min:literal ..= $max:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "i64", into = "i64")]
        pub struct $name($repr);

        impl $name {
            /// The smallest value.
            pub const MIN: i64 = $min;
            /// The largest value.
            pub const MAX: i64 = $max;

            /// Accepts a number inside the limits.
            pub fn new(value: i64) -> Result<Self, $crate::error::Reason> {
                if (Self::MIN..=Self::MAX).contains(&value) {
                    <$repr>::try_from(value).map(Self).map_err(|_| $crate::error::Reason::OutOfRange { min: Self::MIN, max: Self::MAX })
                } else {
                    Err($crate::error::Reason::OutOfRange { min: Self::MIN, max: Self::MAX })
                }
            }

            /// The plain number.
            pub const fn get(self) -> $repr { self.0 }
        }

        #[cfg(feature = "schema")]
        $crate::schema::number!($name);

        impl TryFrom<i64> for $name {
            type Error = $crate::error::Reason;
            fn try_from(value: i64) -> Result<Self, Self::Error> { Self::new(value) }
        }

        impl From<$name> for i64 {
            fn from(value: $name) -> Self { Self::from(value.0) }
        }
    };
}

pub(crate) use {bounded_number, closed_set};
