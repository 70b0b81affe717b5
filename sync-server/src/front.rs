//! The options of `serve` that are about the network.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use ipnet::IpNet;
use romp_server::door::Door;
use romp_server::door::tls::Tls;

/// Files that are open beside the connections: the database's, the log, what the system wants.
const OTHER_FILES: u64 = 512;

#[derive(Debug, Args)]
pub(crate) struct Front {
    /// TLS: the certificate chain, as a PEM file; read again on SIGHUP
    #[arg(long, env = "ROMP_TLS_CERT", value_name = "PATH", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// TLS: the private key, as a PEM file
    #[arg(long, env = "ROMP_TLS_KEY", value_name = "PATH", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A reverse proxy's address or network: from there, and only from there, `X-Forwarded-For` is believed. Repeatable
    #[arg(
        long = "trusted-proxy",
        env = "ROMP_TRUSTED_PROXY",
        value_name = "CIDR",
        value_delimiter = ',',
        value_parser = network
    )]
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Most connections at once; the one that was idle longest makes room
    #[arg(long, env = "ROMP_MAX_CONNECTIONS", value_name = "N", default_value_t = Door::default().connections)]
    max_connections: usize,
    /// Most connections at once from one address that is no trusted proxy
    #[arg(long, env = "ROMP_MAX_PER_ADDRESS", value_name = "N", default_value_t = Door::default().per_address)]
    max_per_address: usize,
    /// Time between being asked to stop, when the server says that it is not ready, and closing the door. Asked again,
    /// it closes at once
    #[arg(long, env = "ROMP_STOP_DELAY", value_name = "SECONDS", default_value_t = 0)]
    stop_delay: u64,
    /// Refuses nobody for calling often: for measurements
    #[arg(long, hide = true)]
    pub(crate) unlimited: bool,
}

/// A network; an address alone is one.
fn network(text: &str) -> Result<IpNet, String> {
    let of_one = |_| text.parse::<IpAddr>().map(IpNet::from);
    text.parse::<IpNet>()
        .or_else(of_one)
        .map_err(|_| "expected an address or a network such as 10.0.0.0/8".to_owned())
}

impl Front {
    /// The word for how it is reached.
    pub(crate) const fn scheme(&self) -> &'static str {
        if self.tls_cert.is_some() { "https" } else { "http" }
    }

    pub(crate) fn door(&self) -> Result<Door, String> {
        allow_files(self.max_connections);
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => Some(Arc::new(Tls::of(certificate, key)?)),
            _ => None,
        };
        Ok(Door {
            tls,
            connections: self.max_connections,
            per_address: self.max_per_address,
            ..Door::default()
        })
    }

    pub(crate) const fn stop_delay(&self) -> Duration {
        Duration::from_secs(self.stop_delay)
    }
}

/// Every connection is an open file, and systems let a process have few unless it asks.
#[cfg(unix)]
fn allow_files(connections: usize) {
    let wanted = connections as u64 + OTHER_FILES;
    match rlimit::increase_nofile_limit(wanted) {
        Ok(files) if files < wanted => {
            tracing::warn!(
                files,
                wanted,
                "fewer connections are possible: too few open files are allowed"
            );
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the number of open files is not known"),
    }
}

#[cfg(not(unix))]
fn allow_files(_: usize) {}
