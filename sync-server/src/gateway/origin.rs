//! Where a request comes from: the other end of the connection, or whom a trusted proxy names.
//!
//! Anybody can write `X-Forwarded-For`. It is read only when the connection comes from a proxy that the operator
//! trusts, and from the right: each proxy adds at the end whom it saw itself, so the first entry from there that is no
//! trusted proxy is as far as anybody's word is good. What is further left was sent along by the caller, and is never
//! looked at.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Whoever is asking, as far as it is known.
    pub(crate) address: IpAddr,
    /// A trusted proxy handed it on.
    pub(crate) through_proxy: bool,
}

impl Origin {
    /// The origin of a request, before anything else is done with it.
    pub(crate) fn of(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>();
        // Without a connection (tests in process), everybody comes from the same place.
        let peer = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip());
        if is_trusted(peer, trusted) {
            let entries = headers.get_all(FORWARDED_FOR).iter().rev();
            let entries = entries.flat_map(|value| value.to_str().unwrap_or("?").rsplit(','));
            Self {
                address: furthest(peer, entries, trusted),
                through_proxy: true,
            }
        } else {
            Self {
                address: peer.to_canonical(),
                through_proxy: false,
            }
        }
    }
}

/// Whether an address is one of the proxies.
pub(crate) fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    let address = address.to_canonical();
    trusted.iter().any(|network| network.contains(&address))
}

/// The first of these entries that is no trusted proxy. An entry that is no address says nothing, and what is behind
/// it could be anybody's: then it is the proxy that was named last.
fn furthest<'a>(peer: IpAddr, entries: impl Iterator<Item = &'a str>, trusted: &[IpNet]) -> IpAddr {
    let mut last = peer.to_canonical();
    for entry in entries {
        let Some(address) = read(entry.trim()) else {
            return last;
        };
        last = address;
        if !is_trusted(address, trusted) {
            break;
        }
    }
    last
}

/// An address; some proxies write the port with it.
fn read(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok();
    let address = address.or_else(|| entry.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()));
    address.map(|address| address.to_canonical())
}

/// The address of the caller, for a handler.
pub(crate) struct Caller(pub(crate) IpAddr);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let origin = parts.extensions.get::<Origin>();
        Ok(Self(
            origin.map_or(Ipv4Addr::UNSPECIFIED.into(), |origin| origin.address),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4_000)));
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        Origin::of(&extensions, &headers, &trusted).address.to_string()
    }

    #[test]
    fn row_21_who_is_no_proxy_is_believed_nothing() {
        for forwarded in ["198.51.100.7", "127.0.0.1", "198.51.100.7, 10.0.0.1"] {
            assert_eq!(origin("192.0.2.1", &[forwarded], &["10.0.0.0/8"]), "192.0.2.1");
            assert_eq!(origin("192.0.2.1", &[forwarded], &[]), "192.0.2.1");
        }
    }

    #[test]
    fn row_21_what_the_caller_sent_along_changes_nothing() {
        for forged in [
            "",
            "198.51.100.7, ",
            "10.9.9.9, ",
            "rubbish, ",
            "10.0.0.1, 10.0.0.1, ",
        ] {
            let line = format!("{forged}192.0.2.1");
            assert_eq!(
                origin("10.0.0.1", &[&line], &["10.0.0.0/8"]),
                "192.0.2.1",
                "{line}"
            );
            let two = format!("{line}, 10.0.0.2");
            assert_eq!(origin("10.0.0.1", &[&two], &["10.0.0.0/8"]), "192.0.2.1", "{two}");
        }
        let lines = ["198.51.100.7", "203.0.113.9, 192.0.2.1", "10.0.0.3"];
        assert_eq!(origin("10.0.0.1", &lines, &["10.0.0.0/8"]), "192.0.2.1");
    }

    #[test]
    fn behind_what_is_no_address_nobody_is_believed() {
        let trusted = &["10.0.0.0/8"];
        assert_eq!(
            origin("10.0.0.1", &["192.0.2.1, unknown, 10.0.0.2"], trusted),
            "10.0.0.2"
        );
        assert_eq!(origin("10.0.0.1", &["192.0.2.1, "], trusted), "10.0.0.1");
        assert_eq!(origin("10.0.0.1", &[], trusted), "10.0.0.1");
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for (entry, address) in [
            ("192.0.2.1:5000", "192.0.2.1"),
            ("[2001:db8::1]:5000", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(origin("::ffff:10.0.0.1", &[entry], &["10.0.0.0/8"]), address);
        }
    }
}
