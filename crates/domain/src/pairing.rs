//! What the picture beside a pairing code says: one line with the code and the address of the family's server, for a
//! device that reads pictures, or for a person who pastes it.
//!
//! It is read to fill a form, never to join: whoever adds the device sees the address first, and sends the form.
//! Deliberately absent: percent signs that stand for something. An address that is written here is plain.

use crate::code;
use crate::text::is_dangerous;

/// Letters of a pairing code.
pub const CODE_CHARS: usize = 8;

/// How every such line begins.
const BEGIN: &str = "romp:pair?code=";
/// Between the code and the address, which goes on to the end.
const ADDRESS: &str = "&server=";
/// Longer than any address a person types.
const MAX_ADDRESS_CHARS: usize = 300;

/// A code, and where it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairingLink {
    /// Eight letters and digits.
    pub code: String,
    /// Address of the server; not judged here.
    pub server: String,
}

impl PairingLink {
    /// The line: `romp:pair?code=ABCD2345&server=https://romp.example`.
    pub fn text(&self) -> String {
        [BEGIN, &self.code, ADDRESS, &self.server].concat()
    }

    /// Reads the line; `None` for everything else.
    pub fn read(text: &str) -> Option<Self> {
        let (code, server) = text.trim().strip_prefix(BEGIN)?.split_once(ADDRESS)?;
        let odd = |c: char| c == '\\' || c.is_whitespace() || is_dangerous(c);
        let web = server.starts_with("https://") || server.starts_with("http://");
        if !web || server.len() > MAX_ADDRESS_CHARS || server.contains(odd) {
            return None;
        }
        Some(Self {
            code: code::letters(code, CODE_CHARS)?,
            server: server.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for server in [
            "https://romp.example",
            "http://127.0.0.1:4680",
            "https://romp.example/family/?a&server=b",
        ] {
            let link = PairingLink {
                code: "ABCD2345".to_owned(),
                server: server.to_owned(),
            };
            assert_eq!(PairingLink::read(&format!(" {}\n", link.text())), Some(link));
        }
    }

    #[test]
    fn row_77_a_line_that_is_no_code_with_a_servers_address_is_not_read() {
        for wrong in [
            "",
            "ABCD2345",
            "https://romp.example",
            "romp:pair?code=ABCD2345",
            "romp:pair?code=ABCD2345&server=",
            "romp:pair?code=ABCD2345&server=romp.example",
            "romp:pair?code=ABCD2345&server=javascript:alert(1)",
            "romp:pair?code=ABCD2345&server=https://romp.example evil",
            "romp:pair?code=ABCD2345&server=https://romp.example/\u{202E}elpmaxe",
            "romp:pair?code=ABCD2345&server=https://romp.example\\@evil.example",
            "romp:pair?code=ABCD234&server=https://romp.example",
            "romp:pair?code=<script>&server=https://romp.example",
            "romp:join?code=ABCD2345&server=https://romp.example",
            "romp://pair?code=ABCD2345&server=https://romp.example",
            "https://evil.example/romp:pair?code=ABCD2345&server=https://romp.example",
        ] {
            assert_eq!(PairingLink::read(wrong), None, "{wrong}");
        }
        let long = format!("romp:pair?code=ABCD2345&server=https://{}", "a".repeat(300));
        assert_eq!(PairingLink::read(&long), None);
    }
}
