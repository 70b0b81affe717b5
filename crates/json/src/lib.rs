//! JSON to and from the types of the domain, without a word about what was wrong. Pure.
//!
//! `serde_json` is the better choice nearly everywhere. Here it is not, because the page has a budget: its errors
//! print what they found, and with them comes the code that prints every error of every type, and its reader and
//! writer are copied into each type. Here text fits or it does not. The tests hold both against `serde_json`, which
//! is what the core uses.

mod read;
mod value;
mod write;

use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use value::Value;
pub use write::{quoted, write};

/// What a reply can be read as: a type of the domain, or just [`Value`] where a screen is rare and picks a few fields.
pub trait Reply: Sized {
    /// Reads it.
    fn read(text: &str) -> Result<Self, Unfit>;
}

impl<T: DeserializeOwned> Reply for T {
    fn read(text: &str) -> Result<Self, Unfit> {
        read::read(text)
    }
}

impl Reply for Value {
    fn read(text: &str) -> Result<Self, Unfit> {
        value::parse(text)
    }
}

/// A value as JSON. One that cannot be written is sent as nothing, and is refused.
pub fn written<T: Serialize>(value: &T) -> String {
    write(value).unwrap_or_default()
}

/// It does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfit;

impl Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("unfit")
    }
}

impl std::error::Error for Unfit {}

impl serde::de::Error for Unfit {
    /// Every other kind of error goes through here; the message is never made.
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl serde::ser::Error for Unfit {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}
