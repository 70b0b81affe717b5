//! `romp-server`: the command line. Every option can also be given by environment.
//!
//! Standard output carries only what a program reads (the address, an invitation); the log goes to standard error.

mod cli;
mod front;
mod healthcheck;
mod signals;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use tracing_subscriber::EnvFilter;

/// A sync makes many small values; the allocator of the C library takes a tenth of a server's time for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is logged unless `ROMP_LOG` says otherwise.
const LOG: &str = "info,refinery_core=warn";

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let log = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_env_filter(log_filter());
    match cli.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).init(),
    }
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// How lines of the log are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON value a line.
    Json,
}

/// Whatever is asked for, the libraries of the network stay silent: at their most talkative they write out headers,
/// and there are tokens in them, or statements with their values.
fn log_filter() -> EnvFilter {
    let asked = EnvFilter::try_from_env("ROMP_LOG").unwrap_or_else(|_| EnvFilter::new(LOG));
    [
        "h2=warn",
        "hyper=warn",
        "hyper_util=warn",
        "tokio_postgres=warn",
        "rustls=warn",
    ]
    .into_iter()
    .filter_map(|quiet| quiet.parse().ok())
    .fold(asked, EnvFilter::add_directive)
}
