//! Codes that people read out and type: pairing codes and invitations. Made and kept by the server.

/// What codes are made of: no I, O, 0 and 1, which look alike. 32 of them, so each carries exactly five bits.
pub const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// The letters of a code as somebody typed it: in any case, with spaces and dashes wherever they like. `None` for text
/// that cannot be a code of so many letters.
pub fn letters(typed: &str, chars: usize) -> Option<String> {
    let mut letters = String::with_capacity(chars);
    for letter in typed.chars().filter(|c| !c.is_whitespace() && !is_dash(*c)) {
        let letter = letter.to_ascii_uppercase();
        let known = u8::try_from(letter).is_ok_and(|byte| ALPHABET.contains(&byte));
        if !known || letters.len() == chars {
            return None;
        }
        letters.push(letter);
    }
    (letters.len() == chars).then_some(letters)
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed_and_nothing_else_is_one() {
        for typed in ["ABCD2345", " abcd-2345\n", "AB CD – 23.45"] {
            assert_eq!(letters(typed, 8).as_deref(), Some("ABCD2345"), "{typed}");
        }
        let url = "https://evil.example/pair?code=ABCD2345";
        for wrong in [
            "",
            "ABCD234",
            "ABCD23456",
            "ABCD2340",
            "ABCD234\0",
            "javascript:ABCD2345",
            url,
        ] {
            assert_eq!(letters(wrong, 8), None, "{wrong}");
        }
    }
}
