//! The development bridge as a program: prints the address that opens it, once.

#![expect(
    clippy::print_stdout,
    reason = "the address is what this program is started for"
)]

// One file for the window and the bridge: it belongs to the window, and needs nothing of either.
#[path = "../../../src-tauri/src/dev_sign_in.rs"]
mod dev_sign_in;

use std::path::PathBuf;

use clap::Parser;
use romp_app::{App, Config, MemoryVault};
use romp_tests::bridge::Bridge;
use romp_tests::tools;

/// Shows the app to an ordinary browser on this machine.
#[derive(Parser)]
struct Options {
    /// Where the device's data are kept.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let options = Options::parse();
    let app = App::open(Config::new(options.data, Box::new(MemoryVault::default())))?;
    tokio::spawn(app.clone().run_background());
    dev_sign_in::sign_in(app.clone()).await;
    let bridge = Bridge::bind(app, tools::built_ui()).await?;
    println!("open {}", bridge.url());
    bridge.serve().await?;
    Ok(())
}
