//! Where a request comes from, as far as this server saw it itself.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

/// The other end of the connection. What headers say about it is not believed: anybody can write them.
pub(crate) struct Caller(pub(crate) IpAddr);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        // Without a connection (tests in process), everybody comes from the same place.
        Ok(Self(
            peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip()),
        ))
    }
}
