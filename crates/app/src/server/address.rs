//! Addresses a person may type for a server: `https`, or `http` on this very machine.

use reqwest::Url;
use romp_domain::text::is_dangerous;
use romp_domain::{ErrorCode, Problem};

/// Longer than any address a person types; RFC 1035 allows host names of 253.
const MAX_CHARS: usize = 300;

/// Reads an address. Anything that could send a token to somebody else, or in the clear, is refused.
pub(super) fn read(text: &str) -> Result<Url, Problem> {
    let refused = || Problem {
        field: Some("server".into()),
        ..Problem::new(ErrorCode::ServerAddress)
    };
    let text = text.trim();
    // The URL standard passes over line breaks and reads a backslash as a slash; a person reads something else.
    let misleads = |c: char| c == '\\' || c.is_whitespace() || is_dangerous(c);
    if text.chars().count() > MAX_CHARS || text.contains(misleads) {
        return Err(refused());
    }
    let url = Url::parse(text).map_err(|_| refused())?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let safe = match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(&url),
        _ => false,
    };
    if plain && safe { Ok(url) } else { Err(refused()) }
}

/// Whether the address is this machine's own.
pub(super) fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_77_only_https_or_this_machine_is_an_address() {
        for good in [
            "https://romp.example",
            " https://romp.example/family/ ",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "http://localhost:1",
        ] {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "romp.example",
            "http://romp.example",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "https://user:pass@romp.example",
            "https://romp.example/?x=1",
            "https://romp.example/#x",
            "https://romp.example/\u{202E}elpmaxe",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            " javascript://romp.example/%0aalert(1)",
            "java\nscript:alert(1)",
            "file:///etc/passwd",
            "file://romp.example/etc",
            "/etc/passwd",
            "..\\..\\windows",
            "data:text/html,hello",
            "blob:https://romp.example/1",
            "romp://pair?server=https://evil.example&code=ABCD2345",
            "https://romp.example@evil.example",
            "https://romp.example:token@evil.example/",
            "https://romp.example\\@evil.example",
            "ftp://romp.example",
            "ws://127.0.0.1:8080",
            "unix:/run/romp.sock",
            "http://0.0.0.0:8080",
            "http://[::]:8080",
            "http://[::ffff:10.0.0.1]",
            "http://169.254.169.254",
            "https://",
            "http://10.0.0.1",
        ] {
            let problem = read(bad).unwrap_err();
            assert_eq!(problem.code, ErrorCode::ServerAddress, "{bad}");
        }
        assert!(read(&format!("https://{}.example", "a".repeat(400))).is_err());
    }
}
