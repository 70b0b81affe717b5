//! The closed table of errors: one code, one HTTP status, whether trying again helps, one sentence for a person.
//!
//! [`Problem`] is what crosses a boundary (HTTP body, call reply, per-mutation verdict). [`Invalid`] says which
//! field broke which rule. A code is added when somebody reacts to it differently.

use serde::{Deserialize, Serialize};

use crate::text::told;

/// What the caller can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same request will fail again.
    Never,
    /// The same request may succeed later.
    Later,
    /// A person has to do something first.
    AfterAction,
}

macro_rules! error_codes {
    ($($(#[$meta:meta])* $variant:ident = $word:literal, $status:literal, $retry:ident, $sentence:literal;)+) => {
        crate::macros::closed_set! {
            /// Every error there is.
            ErrorCode { $($(#[$meta])* $variant = $word),+ }
        }

        impl ErrorCode {
            /// The HTTP status that carries this code.
            pub const fn status(self) -> u16 { match self { $(Self::$variant => $status),+ } }

            /// Whether trying again helps.
            pub const fn retry(self) -> Retry { match self { $(Self::$variant => Retry::$retry),+ } }

            /// The sentence shown to a person when nothing more exact is known.
            pub const fn sentence(self) -> &'static str { match self { $(Self::$variant => $sentence),+ } }
        }
    };
}

error_codes! {
    /// The request could not be read at all.
    BadRequest = "bad_request", 400, Never, "The app sent something the server could not read.";
    /// A field that does not exist.
    UnknownField = "unknown_field", 422, Never, "There is a field here that Romp does not know.";
    /// A field broke a rule.
    InvalidField = "invalid_field", 422, AfterAction, "Something is not filled in right.";
    /// More bytes or items than are accepted.
    TooLarge = "too_large", 413, Never, "This is too large to send.";
    /// A compression that the server does not know.
    EncodingUnknown = "encoding_unknown", 415, Never, "The app sent this in a form that the server cannot unpack.";
    /// No session, or it has ended.
    NotSignedIn = "not_signed_in", 401, AfterAction, "Please sign in again. Nothing on this device is lost.";
    /// The account was deleted.
    AccountGone = "account_gone", 410, Never, "This family's account was deleted. What was here is gone, too.";
    /// The session's role may not do this.
    Forbidden = "forbidden", 403, Never, "Only a grown-up of the family can do this.";
    /// Somebody turned this off for now; the message is their comment.
    SwitchedOff = "switched_off", 403, Later, "This is switched off for now.";
    /// The family has not given the consent this needs.
    ConsentMissing = "consent_missing", 403, AfterAction, "An owner has to agree to this in the family's settings first.";
    /// Nothing of this household has that id.
    NotFound = "not_found", 404, Never, "This is not there any more.";
    /// It changed since the caller last saw it.
    Stale = "stale", 409, AfterAction, "This changed in the meantime. Please look again.";
    /// It can no longer be changed.
    Frozen = "frozen", 409, Never, "This is settled and cannot be changed any more.";
    /// The invitation does not exist, was used, or has ended.
    InvitationInvalid = "invitation_invalid", 403, AfterAction, "This invitation code does not work. Ask whoever runs the server for a new one.";
    /// Somebody registered with this address.
    EmailTaken = "email_taken", 409, AfterAction, "There is already an account with this e-mail address. Sign in instead.";
    /// Nobody had proved the address, so that whoever has it does not come into the family that gave it.
    AddressFreed = "address_freed", 409, AfterAction, "Nobody had shown that this address is theirs, so no family goes with it. It is free now: you can register with it.";
    /// Unknown address or wrong password: deliberately the same answer.
    WrongCredentials = "wrong_credentials", 401, AfterAction, "The e-mail address or the password is not right.";
    /// An owner of the family has yet to confirm whoever signed in.
    OwnerWaiting = "owner_waiting", 403, Later, "An owner of the family has to let you in first. Romp looks again by itself.";
    /// This server is not set up to send mail.
    MailOff = "mail_off", 409, Never, "This server sends no mail. Ask whoever runs it.";
    /// The pairing code does not exist, was used, or has ended.
    CodeInvalid = "code_invalid", 403, AfterAction, "This code does not work. Make a new one on the owner's device.";
    /// The device id belongs to another household.
    DeviceTaken = "device_taken", 409, AfterAction, "This device was used with another family. Remove its data first.";
    /// Too many attempts.
    TooMany = "too_many", 429, Later, "That was tried too often. Please wait a little.";
    /// The server is busy or its database is away.
    Unavailable = "unavailable", 503, Later, "The server cannot answer right now. Romp will try again.";
    /// A fault of the server; its log knows more.
    Internal = "internal", 500, Later, "Something went wrong on the server. Romp will try again.";
    /// The two sides speak protocol versions that do not overlap.
    ProtocolUnsupported = "protocol_unsupported", 426, AfterAction, "This app is too old for the server. Please update it; nothing is lost.";

    /// No connection to the server.
    Offline = "offline", 503, Later, "There is no connection. Everything is kept here and sent later.";
    /// An answer of a server that this build cannot read, or a code of a newer one that it does not know.
    NotUnderstood = "not_understood", 502, Later, "The server answered something that this Romp does not understand. Please see whether there is a newer one; everything is kept here.";
    /// The server's address is not one.
    ServerAddress = "server_address", 422, AfterAction, "This is not the address of a Romp server.";
    /// The device has no account yet.
    NotJoined = "not_joined", 409, AfterAction, "This needs an account. Sign in or register first.";
    /// The device already belongs to a household.
    AlreadyJoined = "already_joined", 409, AfterAction, "This device already belongs to a family.";
    /// A device with an owner's data wants to become a child's device.
    JoinAsOwnerFirst = "join_as_owner_first", 409, AfterAction, "There are pets or settings on this device that only a grown-up's device can bring along. Sign in as an owner instead.";
    /// The PIN that was typed is not the one.
    PinWrong = "pin_wrong", 401, AfterAction, "This is not the PIN.";
    /// The PIN was wrong so often that nobody may try for a while.
    PinLocked = "pin_locked", 429, Later, "The PIN was wrong too often. Please wait.";
    /// The PIN was wrong so often that it opens nothing any more.
    PinSpent = "pin_spent", 403, AfterAction, "The PIN was wrong too often and does not count any more. Only the password of the family's account opens this device now.";
    /// This needs a PIN, and none is set.
    PinMissing = "pin_missing", 409, AfterAction, "There is no PIN on this device yet. Set one first.";
    /// The local database cannot be opened or is damaged.
    StorageBroken = "storage_broken", 500, AfterAction, "The file with Romp's data cannot be read. It was left as it is.";
    /// The local database was written by a newer version.
    StorageNewer = "storage_newer", 500, AfterAction, "The data on this device was written by a newer Romp. Please update the app.";
    /// The disk is full.
    StorageFull = "storage_full", 507, AfterAction, "There is no space left on this device. Nothing was changed.";
}

/// One rule that a value broke. Its text is a sentence's end: "{field} {reason}".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Nothing where something is needed.
    #[error("must not be empty")]
    Empty,
    /// Longer than allowed, in characters.
    #[error("can have {max} characters at most")]
    TooLong {
        /// Most characters allowed.
        max: usize,
    },
    /// Shorter than allowed, in characters.
    #[error("needs {min} characters at least")]
    TooShort {
        /// Fewest characters allowed.
        min: usize,
    },
    /// Too many entries.
    #[error("can have {max} entries at most")]
    TooMany {
        /// Most entries allowed.
        max: usize,
    },
    /// A number outside its limits.
    #[error("must be between {min} and {max}")]
    OutOfRange {
        /// Smallest allowed.
        min: i64,
        /// Largest allowed.
        max: i64,
    },
    /// An end that is not after its start.
    #[error("must end after it starts")]
    EndsBeforeStart,
    /// Not a zone of the IANA time zone database.
    #[error("is not a time zone we know")]
    UnknownZone,
    /// Not an e-mail address.
    #[error("is not an e-mail address")]
    NotAnEmail,
    /// Something else than digits.
    #[error("must be digits only")]
    NotDigits,
    /// Among those that everybody tries first.
    #[error("is too easy to guess")]
    TooCommon,
    /// A pet swiping on itself or on a pet of its own family.
    #[error("must be a pet of another family")]
    OwnPet,
    /// A pet that is not of this household.
    #[error("must be a pet of this family")]
    ForeignPet,
    /// The id does not follow from the fields.
    #[error("does not fit the rest")]
    Mismatch,
    /// A field that is needed.
    #[error("is missing")]
    Missing,
    /// A field that nobody knows.
    #[error("is not known")]
    Unknown,
    /// Any other value that cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

/// A field and the rule it broke.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{field}” {reason}")]
pub struct Invalid {
    /// The field's name on the wire, cut short: it may be one that somebody made up.
    pub field: String,
    /// The rule it broke.
    pub reason: Reason,
}

impl Invalid {
    /// `field` broke `reason`.
    pub fn new(field: impl AsRef<str>, reason: Reason) -> Self {
        Self {
            field: told(field.as_ref()),
            reason,
        }
    }
}

/// An error as it crosses a boundary: the code for programs, the sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[error("{message}")]
pub struct Problem {
    /// The entry of the closed table.
    // A code that is not in it is a newer server's, and its sentence says what it means.
    #[serde(deserialize_with = "known_or_not")]
    pub code: ErrorCode,
    /// A sentence for a person; never contains data of anybody else.
    pub message: String,
    /// The field it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds to wait before trying again, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    /// Of a change that took effect in part: the fields that did not. Empty: nothing of it did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
}

fn known_or_not<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<ErrorCode, D::Error> {
    let word = String::deserialize(deserializer)?;
    Ok(ErrorCode::from_word(&word).unwrap_or(ErrorCode::NotUnderstood))
}

impl Problem {
    /// The code with its own sentence.
    pub fn new(code: ErrorCode) -> Self {
        Self {
            code,
            message: code.sentence().to_owned(),
            field: None,
            retry_after_s: None,
            refused: Vec::new(),
        }
    }

    /// The code with a more exact sentence.
    pub fn saying(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::new(code)
        }
    }

    /// The same, telling how long to wait.
    #[must_use]
    pub fn after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        let code = if invalid.reason == Reason::Unknown {
            ErrorCode::UnknownField
        } else {
            ErrorCode::InvalidField
        };
        Self {
            message: format!("{invalid}."),
            field: Some(invalid.field),
            ..Self::new(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_word_and_a_sentence() {
        for (i, code) in ErrorCode::ALL.iter().enumerate() {
            assert!(code.sentence().ends_with('.'), "{code:?}");
            assert!((400..=599).contains(&code.status()), "{code:?}");
            assert!(
                ErrorCode::ALL[i + 1..]
                    .iter()
                    .all(|other| other.word() != code.word())
            );
        }
    }

    #[test]
    fn row_59_a_code_of_a_newer_server_is_a_general_one_that_keeps_what_the_server_says() {
        let told = r#"{"code": "x_new", "message": "Too many moons.", "retry_after_s": 60}"#;
        let problem: Problem = serde_json::from_str(told).unwrap();
        let expected = Problem::saying(ErrorCode::NotUnderstood, "Too many moons.").after(60);
        assert_eq!(problem, expected);
    }
}
