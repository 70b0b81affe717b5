//! Secrets that the server hands out: tokens, pairing codes, invitations. Told once, stored as SHA-256.
//!
//! No salt and no slow hash is needed for the tokens and invitations: they are random, of 256 and 80 bits. A pairing
//! code has only 40, because a person types it; it lives ten minutes, works once, and guessing is throttled. A code that
//! is mailed has as many and lives thirty, and works for one user only.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use romp_domain::ErrorCode;
use romp_domain::code::{self, ALPHABET};
use sha2::{Digest, Sha256};

use crate::db::SecretHash;
use crate::env::Random;

/// Bytes of a session's token.
const TOKEN_BYTES: usize = 32;

/// Characters of a token: letters, digits, `-` and `_`, which no request and no header has to quote. It goes with every
/// request, so it is short.
const TOKEN_CHARS: usize = 43;

/// Characters of the tokens that were made before: hexadecimal.
const LONG_TOKEN_CHARS: usize = TOKEN_BYTES * 2;

/// Letters of a pairing code, and of one that is mailed.
pub const PAIRING_CHARS: usize = romp_domain::pairing::CODE_CHARS;

/// Letters of an invitation.
pub const INVITATION_CHARS: usize = 16;

/// Letters between two dashes of an invitation.
const GROUP: usize = 4;

/// A secret on its way to the one who may know it. Does not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret's text.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The secret's text, to be handed out.
    pub fn into_text(self) -> String {
        self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A new session token, and what is stored of it.
pub fn new_token(random: &dyn Random) -> (Secret, SecretHash) {
    let mut bytes = [0; TOKEN_BYTES];
    random.fill(&mut bytes);
    let text = URL_SAFE_NO_PAD.encode(bytes);
    let hash = digest(&text);
    (Secret(text), hash)
}

/// What would be stored of a token, if this is shaped like one.
pub fn token_hash(token: &str) -> Option<SecretHash> {
    let shaped = match token.len() {
        TOKEN_CHARS => token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
        LONG_TOKEN_CHARS => token.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
        _ => false,
    };
    shaped.then(|| digest(token))
}

/// A new pairing code, and what is stored of it.
pub fn new_pairing_code(random: &dyn Random) -> (Secret, SecretHash) {
    let letters = letters(random, PAIRING_CHARS);
    let hash = digest(&letters);
    (Secret(letters), hash)
}

/// A new invitation, in groups that are easy to read out, and what is stored of it.
pub fn new_invitation(random: &dyn Random) -> (Secret, SecretHash) {
    let letters = letters(random, INVITATION_CHARS);
    let hash = digest(&letters);
    let groups: Vec<&str> = (0..letters.len())
        .step_by(GROUP)
        .map(|at| &letters[at..at + GROUP])
        .collect();
    (Secret(groups.join("-")), hash)
}

/// What would be stored of a code as somebody typed it: in any case, with spaces and dashes wherever they like.
/// Text that cannot be a code is answered as a code that does not exist.
pub fn typed_code_hash(typed: &str, chars: usize, unknown: ErrorCode) -> Result<SecretHash, ErrorCode> {
    code::letters(typed, chars)
        .map(|letters| digest(&letters))
        .ok_or(unknown)
}

/// A new code to be mailed, and what is stored of it: it works for `whose` and nobody else.
pub fn new_mail_code(random: &dyn Random, whose: &str) -> (Secret, SecretHash) {
    let letters = letters(random, PAIRING_CHARS);
    let hash = digest(&format!("{whose} {letters}"));
    (Secret(letters), hash)
}

/// What would be stored of such a code as somebody typed it.
pub fn typed_mail_code_hash(typed: &str, whose: &str) -> Result<SecretHash, ErrorCode> {
    let letters = code::letters(typed, PAIRING_CHARS).ok_or(ErrorCode::CodeInvalid)?;
    Ok(digest(&format!("{whose} {letters}")))
}

fn letters(random: &dyn Random, chars: usize) -> String {
    let mut bytes = vec![0; chars];
    random.fill(&mut bytes);
    bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
        .collect()
}

/// SHA-256.
pub(crate) fn digest(text: &str) -> SecretHash {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::SystemRandom;

    const UNKNOWN: ErrorCode = ErrorCode::CodeInvalid;

    #[test]
    fn a_token_has_256_bits_and_is_recognised_by_its_hash() {
        let (token, hash) = new_token(&SystemRandom);
        assert_eq!(URL_SAFE_NO_PAD.decode(token.expose()).unwrap().len(), 32);
        assert_eq!(
            token_hash(&"0a".repeat(32)),
            Some(digest(&"0a".repeat(32))),
            "as it was before"
        );
        assert_eq!(token_hash(token.expose()), Some(hash));
        assert_ne!(new_token(&SystemRandom).1, hash);
        for other in [
            "",
            "abc",
            &"g".repeat(64),
            &"A".repeat(64),
            &"é".repeat(32),
            &"+".repeat(43),
        ] {
            assert_eq!(token_hash(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_stored_of_a_secret_is_its_sha_256() {
        // The first bytes of the example for "abc" (FIPS 180-2, appendix B.1).
        assert_eq!(
            digest("abc")[..8],
            [0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea]
        );
    }

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let (code, hash) = new_pairing_code(&SystemRandom);
        let code = code.into_text();
        let (first, second) = code.split_at(4);
        for typed in [
            code.clone(),
            code.to_lowercase(),
            format!(" {first}-{second}\n"),
            format!("{first} – {second}"),
        ] {
            assert_eq!(
                typed_code_hash(&typed, PAIRING_CHARS, UNKNOWN),
                Ok(hash),
                "{typed}"
            );
        }
        let long = "A".repeat(1_000_000);
        for wrong in [
            "",
            "AAAA",
            "AAAAAAAAA",
            "AAAAAAA0",
            "AAAAAAA\u{0}",
            "ÄAAAAAAA",
            &long,
        ] {
            assert_eq!(typed_code_hash(wrong, PAIRING_CHARS, UNKNOWN), Err(UNKNOWN));
        }
    }

    #[test]
    fn an_invitation_reads_in_groups_of_letters_that_do_not_look_alike() {
        let (code, hash) = new_invitation(&SystemRandom);
        assert_eq!(
            code.expose().split('-').map(str::len).collect::<Vec<_>>(),
            [4, 4, 4, 4]
        );
        assert!(!code.expose().contains(['I', 'O', '0', '1']));
        assert_eq!(
            typed_code_hash(code.expose(), INVITATION_CHARS, UNKNOWN),
            Ok(hash)
        );
    }

    #[test]
    fn a_secret_does_not_print_itself() {
        let (token, _) = new_token(&SystemRandom);
        assert_eq!(format!("{token:?}"), "Secret(…)");
    }
}
