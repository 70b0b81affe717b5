//! `cargo xtask run`: from a fresh clone to an open app with a neighbourhood in it.
//!
//! The server listens on this machine only. Its data and the demo device's are kept between runs; deleting the
//! folder starts over.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use clap::Args;

use crate::cargo::cargo;
use crate::steps::Steps;
use crate::system::{self, Need};
use crate::{Outcome, children, place, steps, ui};

/// The demo household's owner, as `romp-server demo` makes it.
const DEMO_EMAIL: &str = "demo@romp.example";
const DEMO_PASSWORD: &str = "romp-demo-password";

#[derive(Args)]
pub(crate) struct Options {
    /// Shows the app in an ordinary browser instead of its window.
    #[arg(long)]
    browser: bool,
    /// How many households the neighbourhood has, when it is made.
    #[arg(long, value_name = "N")]
    households: Option<u32>,
    /// Where the server's and the device's data are kept [default: target/run].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the server listens. The device remembers it, so it stays the same between runs.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4680")]
    listen: String,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let browser = options.browser || !has_display();
    if browser && !options.browser {
        println!("There is no display here, so the app will be shown to a browser instead of in its window.");
    }
    let data = options
        .data
        .clone()
        .unwrap_or_else(|| place::target().join("run"));
    let mut steps = Steps::new();
    build(&mut steps, browser)?;
    let database = steps.step("The neighbourhood", || {
        neighbourhood(&data.join("server"), options.households)
    })?;

    let _ended_with_this = children::EndAll::on_interrupt()?;
    let server = steps.step("Starting the server", || serve(&database, &options.listen))?;
    println!("listening on {server}, data in {}", database.display());
    steps.print_times();
    let device = data.join("device");
    if browser {
        open_bridge(&server, &device)
    } else {
        open_window(&server, &device)
    }
}

fn build(steps: &mut Steps, browser: bool) -> Outcome {
    let needs: &[Need] = if browser {
        &[Need::Build]
    } else {
        &[Need::Build, Need::Window]
    };
    steps.step("System packages", || system::install(needs))?;
    steps.step("The user interface", || ui::build(&ui::Options::default()))?;
    steps.step("The server", || {
        steps::run(&mut cargo(["build", "--package", "romp-server"]))
    })?;
    if browser {
        let bridge = ["build", "--package", "romp-tests", "--bin", "romp-bridge"];
        steps.step("The bridge to a browser", || steps::run(&mut cargo(bridge)))
    } else {
        let window = ["build", "--package", "romp", "--bin", "romp"];
        steps.step("The window", || steps::run(&mut cargo(window)))
    }
}

/// Fills a new database with pets, unless there is one. Filled beside its place first, so that an interrupted run
/// leaves no half of a neighbourhood.
fn neighbourhood(folder: &Path, households: Option<u32>) -> Outcome<PathBuf> {
    let database = folder.join("romp.sqlite");
    if database.exists() {
        println!("It is there already: {}", database.display());
        return Ok(database);
    }
    let filling = folder.with_extension("filling");
    let failed = |error: std::io::Error| format!("{} cannot be written: {error}", filling.display());
    if filling.exists() {
        fs::remove_dir_all(&filling).map_err(failed)?;
    }
    fs::create_dir_all(&filling).map_err(failed)?;
    let mut command = Command::new(place::program("romp-server"));
    let demo = place::root().join("assets/demo");
    command
        .arg("demo")
        .arg("--pets")
        .arg(demo.join("seattle-pets.csv"))
        .arg("--places")
        .arg(demo.join("zip-centroids.csv"))
        .arg("--database")
        .arg(filling.join("romp.sqlite"));
    if let Some(households) = households {
        command.args(["--households", &households.to_string()]);
    }
    steps::run(&mut command)?;
    fs::rename(&filling, folder).map_err(failed)?;
    Ok(database)
}

fn serve(database: &Path, listen: &str) -> Outcome<String> {
    let mut command = Command::new(place::program("romp-server"));
    command
        .args(["serve", "--listen", listen, "--database"])
        .arg(database);
    children::start_and_await(&mut command, "listening on ").map_err(|sentence| {
        format!("{sentence}\nIs another `cargo xtask run` open? Choose another place with --listen.")
    })
}

fn open_window(server: &str, device: &Path) -> Outcome {
    let mut window = Command::new(place::program("romp"));
    println!("\nThe window opens. Closing it, or Ctrl-C, ends everything.");
    let index = children::start(signed_in(&mut window, server).env("ROMP_DATA_DIR", device))?;
    children::wait(index).and_then(|status| {
        done(
            status.success(),
            "The window ended with an error; see the lines above.",
        )
    })
}

fn open_bridge(server: &str, device: &Path) -> Outcome {
    let mut bridge = Command::new(place::program("romp-bridge"));
    signed_in(&mut bridge, server).arg("--data").arg(device);
    let url = children::start_and_await(&mut bridge, "open ")?;
    println!("\nOpen this address in a browser. It works once; Ctrl-C ends everything.\n\n    {url}\n");
    if has_display() && place::on_path("xdg-open").is_some() {
        children::start(Command::new("xdg-open").arg(&url))?;
    }
    // Index 0 is the server, index 1 the bridge.
    children::wait(1).and_then(|status| {
        done(
            status.success(),
            "The bridge ended with an error; see the lines above.",
        )
    })
}

/// Development builds sign in by themselves when these are set.
fn signed_in<'a>(command: &'a mut Command, server: &str) -> &'a mut Command {
    command
        .env("ROMP_DEV_SERVER", server)
        .env("ROMP_DEV_EMAIL", DEMO_EMAIL)
        .env("ROMP_DEV_PASSWORD", DEMO_PASSWORD)
}

fn done(well: bool, sentence: &str) -> Outcome {
    if well { Ok(()) } else { Err(sentence.to_owned()) }
}

fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}
