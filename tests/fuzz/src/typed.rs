//! What people type: names, addresses, codes, the PIN.

use romp_domain::text::{
    BreedName, DeviceName, Email, HouseholdName, Nickname, Note, PersonName, PetName, PlaceLabel, Remark,
};
use romp_domain::{Pin, code as codes};

/// Whether a character hides or reorders others; said anew here, so that the domain's own list is checked.
pub(crate) fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Text of every kind.
pub(crate) fn names(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    let mut read = false;
    macro_rules! check {
        ($($name:ident),+) => {$(
            if let Ok(name) = $name::new(text) {
                read = true;
                let kept = name.as_str();
                assert!((1..=$name::MAX).contains(&kept.chars().count()));
                assert!(!kept.chars().any(deceives), "{kept:?}");
                assert_eq!(kept.trim(), kept);
                let again = $name::new(kept);
                assert_eq!(again.as_ref().map($name::as_str), Ok(kept), "cleaning twice is cleaning once");
            }
        )+};
    }
    check!(
        BreedName,
        DeviceName,
        HouseholdName,
        Nickname,
        Note,
        PersonName,
        PetName,
        PlaceLabel,
        Remark
    );
    read
}

/// An e-mail address.
pub(crate) fn email(data: &[u8]) -> bool {
    let Some(email) = std::str::from_utf8(data)
        .ok()
        .and_then(|text| Email::new(text).ok())
    else {
        return false;
    };
    let kept = email.as_str();
    assert!(
        kept.contains('@') && !kept.chars().any(|c| deceives(c) || c.is_whitespace()),
        "{kept:?}"
    );
    assert_eq!(
        Email::new(kept).as_ref(),
        Ok(&email),
        "reading twice is reading once"
    );
    true
}

/// A typed code.
pub(crate) fn code(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    let mut read = false;
    for chars in [8, 16] {
        if let Some(letters) = codes::letters(text, chars) {
            read = true;
            assert_eq!(letters.len(), chars);
            assert!(letters.bytes().all(|byte| codes::ALPHABET.contains(&byte)));
            assert_eq!(codes::letters(&letters, chars), Some(letters));
        }
    }
    read
}

/// A new PIN.
pub(crate) fn pin(data: &[u8]) -> bool {
    let Some(pin) = String::from_utf8(data.to_vec())
        .ok()
        .and_then(|text| Pin::new(text).ok())
    else {
        return false;
    };
    let digits = pin.expose();
    assert!((Pin::MIN..=Pin::MAX).contains(&digits.len()));
    assert!(digits.bytes().all(|byte| byte.is_ascii_digit()));
    assert!(
        digits.bytes().any(|byte| Some(byte) != digits.bytes().next()),
        "one digit only"
    );
    true
}
