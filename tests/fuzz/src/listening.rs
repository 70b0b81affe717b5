//! What a device hears on a stream, and what it reads of a picture.

use romp_domain::code::ALPHABET;
use romp_domain::pairing::{CODE_CHARS, PairingLink};
use romp_sync::pokes::PokeReader;

/// A stream of pokes, whole and in pieces: however it is cut, the same numbers are in it.
pub(crate) fn pokes(data: &[u8]) -> bool {
    let heard = |size: usize| {
        let mut reader = PokeReader::default();
        data.chunks(size).for_each(|piece| reader.take(piece));
        std::iter::from_fn(|| reader.pop()).collect::<Vec<_>>()
    };
    let whole = heard(data.len().max(1));
    for size in [1, 7] {
        assert_eq!(heard(size), whole, "in pieces of {size}");
    }
    let lines = data.split(|byte| matches!(byte, b'\n' | b'\r')).count();
    assert!(whole.len() < lines, "a poke is a line that has ended");
    !whole.is_empty()
}

/// The line beside a pairing code.
pub(crate) fn pairing(data: &[u8]) -> bool {
    let Some(link) = std::str::from_utf8(data).ok().and_then(PairingLink::read) else {
        return false;
    };
    assert_eq!(link.code.len(), CODE_CHARS);
    assert!(link.code.bytes().all(|byte| ALPHABET.contains(&byte)));
    assert!(link.server.starts_with("http"), "{:?}", link.server);
    assert!(
        !link.server.chars().any(crate::typed::deceives),
        "{:?}",
        link.server
    );
    assert_eq!(PairingLink::read(&link.text()), Some(link));
    true
}
