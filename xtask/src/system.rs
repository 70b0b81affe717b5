//! Packages of the operating system: which are missing, and their installation where that is one command.
//!
//! Debian and Ubuntu only; everywhere else it says what is needed and goes on.

use std::process::{Command, Stdio};

use crate::{Outcome, place, steps};

/// What a package is needed for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A C compiler and linker.
    Build,
    /// The window and its web view.
    Window,
    /// WebAssembly, where rustup's own target cannot be fetched.
    Wasm,
    /// Making the user interface small.
    Npm,
    /// Asking the server what its description allows.
    Python,
    /// The tests with a real window, a real browser and a real keyring.
    Tests,
}

/// One package, and the program that proves it is there by other means than a package.
struct Package(Need, &'static str, Option<&'static str>);

/// Names as in Debian 12 and Ubuntu 24.04.
const PACKAGES: &[Package] = &[
    Package(Need::Build, "build-essential", Some("cc")),
    Package(Need::Window, "pkg-config", Some("pkg-config")),
    Package(Need::Window, "libwebkit2gtk-4.1-dev", None),
    Package(Need::Wasm, "rustc-web", None),
    Package(Need::Wasm, "cargo-web", None),
    Package(Need::Wasm, "rust-web-src", None),
    Package(Need::Wasm, "rust-web-llvm", None),
    Package(Need::Wasm, "lld-22", None),
    Package(Need::Npm, "nodejs", Some("node")),
    Package(Need::Npm, "npm", Some("npm")),
    Package(Need::Python, "python3", Some("python3")),
    Package(Need::Python, "python3-venv", None),
    Package(Need::Tests, "webkit2gtk-driver", Some("WebKitWebDriver")),
    Package(Need::Tests, "xvfb", Some("Xvfb")),
    Package(Need::Tests, "imagemagick", Some("import")),
    Package(Need::Tests, "chromium", Some("chromium")),
    Package(Need::Tests, "gnome-keyring", Some("gnome-keyring-daemon")),
    Package(Need::Tests, "dbus", Some("dbus-run-session")),
    Package(Need::Tests, DATABASE, None),
];

/// The database's server: its programs only. The tests start a private one.
const DATABASE: &str = "postgresql";

/// Read by Debian's packages when they are about to make a database server of their own, running from now on.
const NO_SERVER: &str = "/etc/postgresql-common/createcluster.d/romp-tests.conf";

/// Installs what is missing for these needs; says what to do where it cannot.
pub(crate) fn install(needs: &[Need]) -> Outcome {
    if !has_apt() {
        println!("{}", by_hand(needs));
        return Ok(());
    }
    let missing = missing(needs);
    if missing.is_empty() {
        println!("All system packages are there.");
        return Ok(());
    }
    println!("Missing: {}", missing.join(" "));
    let prefix: &[&str] = if is_root() {
        &["env"]
    } else if sudo_works() {
        &["sudo", "-n", "env"]
    } else {
        return Err(format!(
            "Some system packages are missing. Please run this line, then start again:\n\n    \
             sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
            missing.join(" ")
        ));
    };
    let as_root = |arguments: &[&str]| {
        let mut command = Command::new(prefix[0]);
        steps::run(command.args(&prefix[1..]).args(arguments))
    };
    let apt = |arguments: &[&str]| {
        let apt = [
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "-qq",
            "-o",
            "Dpkg::Use-Pty=0",
        ];
        as_root(&[&apt, arguments].concat())
    };
    apt(&["update"])?;
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(&missing);
    if !missing.contains(&DATABASE) {
        return apt(&arguments);
    }
    let note =
        format!("mkdir -p \"$(dirname {NO_SERVER})\" && echo 'create_main_cluster = false' > {NO_SERVER}");
    as_root(&["sh", "-c", &note])?;
    let installed = apt(&arguments);
    // Whoever installs another version later decides anew.
    as_root(&["rm", "-f", NO_SERVER])?;
    installed
}

/// Whether everything for this need is installed.
pub(crate) fn has(need: Need) -> bool {
    has_apt() && missing(&[need]).is_empty()
}

/// Whether this system installs packages with apt.
pub(crate) fn has_apt() -> bool {
    cfg!(target_os = "linux") && place::on_path("apt-get").is_some() && place::on_path("dpkg-query").is_some()
}

fn missing(needs: &[Need]) -> Vec<&'static str> {
    PACKAGES
        .iter()
        .filter(|Package(need, _, _)| needs.contains(need))
        .filter(|Package(_, name, program)| {
            program.is_none_or(|program| place::on_path(program).is_none()) && !is_installed(name)
        })
        .map(|Package(_, name, _)| *name)
        .collect()
}

fn is_installed(name: &str) -> bool {
    let mut command = Command::new("dpkg-query");
    steps::output(command.args(["-W", "-f=${db:Status-Status}", name]))
        .is_ok_and(|state| state == "installed")
}

fn is_root() -> bool {
    steps::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn sudo_works() -> bool {
    let mut command = Command::new("sudo");
    command
        .args(["-n", "true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn by_hand(needs: &[Need]) -> String {
    match std::env::consts::OS {
        "macos" => "On macOS please install by hand, if not done yet: the Xcode command line tools \
                    (`xcode-select --install`) and, for the smallest user interface, Node.js."
            .to_owned(),
        "windows" => {
            "On Windows please install by hand, if not done yet: the Visual Studio C++ build tools, the \
                      WebView2 runtime (part of Windows 11) and, for the smallest user interface, Node.js."
                .to_owned()
        }
        _ => {
            let names: Vec<_> = PACKAGES
                .iter()
                .filter(|Package(need, _, _)| needs.contains(need))
                .map(|Package(_, name, _)| *name)
                .collect();
            format!(
                "This system has no apt-get. Please install what your distribution calls: {}",
                names.join(" ")
            )
        }
    }
}
