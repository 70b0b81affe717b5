//! The user interface: Rust to wasm, wasm to a folder that a web view can show.
//!
//! The compiler is rustup's where it has, or can fetch, the sources of the standard library; otherwise Debian's own
//! wasm toolchain (docs/decisions/0003-wasm-toolchain.md).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use clap::Args;

use crate::cargo::{cargo, clean};
use crate::sizes::{self, Weight};
use crate::system::{self, Need};
use crate::{Outcome, bindgen, npm, place, steps};

const WASM: &str = "wasm32-unknown-unknown";
/// What the page never shows is left out: debug texts, the places of panics, their messages. A fifth of its size.
const SMALL: &str = "-Zfmt-debug=none -Zlocation-detail=none -Zunstable-options -Cpanic=immediate-abort";
/// The style sheets: the page's vocabulary first, then what is everywhere, then single screens.
const STYLES: [&str; 11] = [
    "tokens",
    "base",
    "layout",
    "controls",
    "forms",
    "deck",
    "deck-owner",
    "child",
    "views",
    "after",
    "front",
];
/// Fetching the sources is 4 MB; a network that needs longer than this had better use the other way.
const FETCH_LIMIT: Duration = Duration::from_mins(2);

#[derive(Args, Default)]
pub(crate) struct Options {
    /// Leaves the wasm large: quicker, for trying things out.
    #[arg(long)]
    pub(crate) fast: bool,
    /// Builds with Debian's wasm toolchain even where rustup's would do.
    #[arg(long)]
    pub(crate) debian_toolchain: bool,
}

/// `cargo xtask ui`: builds it, and fails when it has become too heavy.
pub(crate) fn ui(options: &Options) -> Outcome {
    build(options)?.map_or(Ok(()), Weight::within_budget)
}

/// Builds target/ui. Returns what it weighs, unless it was left large.
pub(crate) fn build(options: &Options) -> Outcome<Option<Weight>> {
    let debian = options.debian_toolchain || !has_rustup_sources();
    if debian {
        println!("Building with Debian's wasm toolchain.");
        system::install(&[Need::Wasm])?;
    }
    let mut command = if debian { debian_cargo() } else { cargo([]) };
    command.args(["build", "--package", "romp-ui", "--bin", "romp-ui"]);
    command.args(["--profile", "wasm", "--target", WASM]);
    command.env("CARGO_TARGET_DIR", place::target().join("wasm"));
    // The standard library is built along, so that what a page never shows can be left out of it, too.
    command.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", SMALL);
    command.args([
        "-Z",
        "build-std=std,panic_abort",
        "-Z",
        "build-std-features=optimize_for_size",
    ]);
    steps::run(&mut command)?;

    let optimise = !options.fast && npm::available();
    if !options.fast && !optimise {
        println!("Node.js and npm are not installed, so the wasm stays large (it works all the same).");
    }
    let wasm = place::target().join("wasm").join(WASM).join("wasm/romp-ui.wasm");
    let staged = bindgen::make(&wasm, optimise)?;
    let mut files = BTreeMap::new();
    collect(&staged, Path::new(""), &mut files)?;
    let source = place::root().join("ui");
    files.insert(PathBuf::from("index.html"), read(&source.join("index.html"))?);
    // Bundled with what it loads, where that was made small.
    if let Entry::Vacant(boot) = files.entry(PathBuf::from("boot.js")) {
        boot.insert(read(&source.join("boot.js"))?);
    }
    files.insert(PathBuf::from("styles/romp.css"), styles(optimise)?);
    for folder in ["fonts", "icons"] {
        collect(
            &place::root().join("assets").join(folder),
            Path::new(folder),
            &mut files,
        )?;
    }
    publish(&files)?;
    let sized = files
        .iter()
        .map(|(path, bytes)| (path.as_path(), bytes.as_slice()));
    Ok(optimise.then(|| sizes::print(sized)))
}

/// Whether rustup has the sources of the standard library, or could just fetch them. Where Debian's toolchain is
/// installed already, nothing is fetched.
fn has_rustup_sources() -> bool {
    let installed = steps::output(cargo_sibling("rustc").args(["--print", "sysroot"])).is_ok_and(|folder| {
        Path::new(folder.trim())
            .join("lib/rustlib/src/rust/library")
            .is_dir()
    });
    installed || (!system::has(Need::Wasm) && fetch_rustup_sources())
}

fn fetch_rustup_sources() -> bool {
    let mut command = cargo_sibling("rustup");
    command
        .args(["component", "add", "rust-src"])
        .env("RUSTUP_MAX_RETRIES", "0");
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if started.elapsed() < FETCH_LIMIT => std::thread::sleep(Duration::from_millis(100)),
            Ok(None) | Err(_) => {
                println!("rustup does not get the sources; using the distribution's toolchain.");
                return child.kill().is_err();
            }
        }
    }
}

fn cargo_sibling(program: &str) -> Command {
    clean(Command::new(program))
}

/// Debian's cargo, with its rustc first on the path, and without what rustup put into the environment.
fn debian_cargo() -> Command {
    let mut folders = vec![PathBuf::from("/usr/bin")];
    if let Some(path) = std::env::var_os("PATH") {
        folders.extend(std::env::split_paths(&path));
    }
    let mut command = clean(Command::new("/usr/bin/cargo"));
    for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "RUSTDOC", "LD_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    if let Ok(path) = std::env::join_paths(folders) {
        command.env("PATH", path);
    }
    command
}

/// All style sheets as one, in the order in which they build on each other.
fn styles(small: bool) -> Outcome<Vec<u8>> {
    let folder = place::root().join("assets/styles");
    let mut all = Vec::new();
    for name in STYLES {
        all.extend(read(&folder.join(name).with_extension("css"))?);
    }
    let mut found = BTreeMap::new();
    collect(&folder, Path::new(""), &mut found)?;
    if found.len() != STYLES.len() {
        return Err("A style sheet in assets/styles is not in the list of xtask/src/ui.rs.".to_owned());
    }
    if small { npm::minify_css(&all) } else { Ok(all) }
}

/// Reads a folder with everything below it.
fn collect(folder: &Path, under: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> Outcome {
    let entries =
        fs::read_dir(folder).map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
    for entry in entries.filter_map(Result::ok) {
        let (path, name) = (entry.path(), under.join(entry.file_name()));
        if path.is_dir() {
            collect(&path, &name, files)?;
        } else {
            files.insert(name, read(&path)?);
        }
    }
    Ok(())
}

/// Makes target/ui exactly these files. Leaves alone what is the same already: the window embeds the folder, and
/// is built again when a file in it is newer.
fn publish(files: &BTreeMap<PathBuf, Vec<u8>>) -> Outcome {
    let mut old = BTreeMap::new();
    if place::ui().exists() {
        collect(&place::ui(), Path::new(""), &mut old)?;
    }
    for (name, bytes) in files {
        if old.remove(name).is_some_and(|same| same == *bytes) {
            continue;
        }
        let path = place::ui().join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
        }
        fs::write(&path, bytes).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    }
    for name in old.into_keys() {
        let path = place::ui().join(name);
        fs::remove_file(&path).map_err(|error| format!("{} cannot be removed: {error}", path.display()))?;
    }
    Ok(())
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}
