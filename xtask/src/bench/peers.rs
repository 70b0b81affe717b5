//! The servers to compare with: where they come from, and how they get into the cache.
//!
//! Versions are pinned where a newer one may need another driver. They are installed from their registries by the
//! ordinary clients, into a folder of the user's cache, and stay there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, cargo, place, steps};

/// Which server of Atuin.
const ATUIN: &str = "18.24.4";

/// A server that is measured.
pub(crate) struct Peer {
    /// As `romp-bench` calls it.
    pub(crate) name: &'static str,
    /// The step that installs it.
    pub(crate) title: &'static str,
    from: From,
}

enum From {
    Workspace,
    /// Romp on the PostgreSQL of this machine.
    Postgres,
    Cargo,
    /// Packages, the first of which is the peer; and the folder.
    Npm(&'static [&'static str]),
    Python(&'static str),
}

const ALL: [Peer; 7] = [
    Peer {
        name: "romp",
        title: "Romp on SQLite",
        from: From::Workspace,
    },
    Peer {
        name: "romp-pg",
        title: "Romp on PostgreSQL",
        from: From::Postgres,
    },
    Peer {
        name: "atuin",
        title: "Installing Atuin's server",
        from: From::Cargo,
    },
    Peer {
        name: "pouchdb",
        title: "Installing PouchDB and its server",
        // express-pouchdb 4 is made for express 4.
        from: From::Npm(&["pouchdb@9.0.0", "express-pouchdb@4.2.0", "express@4"]),
    },
    Peer {
        name: "tinybase",
        title: "Installing TinyBase",
        from: From::Npm(&["tinybase@10.0.1", "ws@8"]),
    },
    Peer {
        name: "anki",
        title: "Installing Anki's sync server",
        from: From::Python("anki"),
    },
    Peer {
        name: "automerge",
        title: "Installing Automerge and its sync server",
        from: From::Npm(&[
            "@automerge/automerge-repo@2.5.6",
            "@automerge/automerge-repo-network-websocket@2.5.6",
            "@automerge/automerge-repo-storage-nodefs@2.5.6",
            "@automerge/automerge-repo-sync-server@0.2.8",
        ]),
    },
];

/// The peers to measure, Romp first and always.
pub(crate) fn wanted(names: Option<&[String]>) -> Outcome<Vec<&'static Peer>> {
    let Some(names) = names else {
        return Ok(ALL.iter().collect());
    };
    if let Some(unknown) = names
        .iter()
        .find(|name| *name != "none" && ALL.iter().all(|peer| peer.name != *name))
    {
        let known: Vec<&str> = ALL.iter().map(|peer| peer.name).collect();
        return Err(format!(
            "There is no peer {unknown}; there are {} and none.",
            known.join(", ")
        ));
    }
    Ok(ALL
        .iter()
        .filter(|peer| matches!(peer.from, From::Workspace) || names.iter().any(|name| name == peer.name))
        .collect())
}

/// Where the peers are: in the user's cache, never in the repository.
pub(crate) fn folder() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::home_dir().map(|home| home.join(".cache"));
    cache
        .or_else(home)
        .unwrap_or_else(std::env::temp_dir)
        .join("romp/peers")
}

/// How a peer comes into the cache.
pub(crate) trait Install {
    /// Installs it unless it is there; returns what it is called and its version.
    fn install(&self) -> Outcome<String>;
}

impl Install for Peer {
    fn install(&self) -> Outcome<String> {
        let folder = folder().join(self.name);
        match self.from {
            From::Workspace => Ok(format!("romp-server {}", env!("CARGO_PKG_VERSION"))),
            From::Postgres => postgres(),
            From::Cargo => atuin(&folder),
            From::Npm(packages) => npm(&folder, packages),
            From::Python(package) => python(&folder, package),
        }
    }
}

fn postgres() -> Outcome<String> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let newest = versions
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .max();
    let newest = newest.ok_or("there is no PostgreSQL (Debian's package `postgresql`)")?;
    let program = format!("/usr/lib/postgresql/{newest}/bin/postgres");
    let version = steps::output(Command::new(program).arg("--version"))?;
    Ok(format!(
        "romp-server {} on {}, fsync = on, on the server's core as well",
        env!("CARGO_PKG_VERSION"),
        version.trim()
    ))
}

fn atuin(folder: &Path) -> Outcome<String> {
    let program = folder.join("bin/atuin-server");
    if !program.exists() {
        let mut install = cargo::cargo([
            "install",
            "atuin-server",
            "--locked",
            "--version",
            ATUIN,
            "--root",
        ]);
        steps::run(install.env_remove("CARGO_TARGET_DIR").arg(folder))?;
    }
    steps::output(Command::new(&program).arg("--version")).map(|version| version.trim().to_owned())
}

fn npm(folder: &Path, packages: &[&str]) -> Outcome<String> {
    let list = packages.join(" ");
    let noted = folder.join("installed.txt");
    if !fs::read_to_string(&noted).is_ok_and(|text| text == list) {
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        fs::create_dir_all(folder).map_err(failed)?;
        fs::write(folder.join("package.json"), "{\"private\": true}").map_err(failed)?;
        let mut install = Command::new("npm");
        install
            .args(["install", "--no-audit", "--no-fund", "--loglevel=error"])
            .args(packages)
            .current_dir(folder);
        steps::run(&mut install)?;
        fs::write(&noted, &list).map_err(failed)?;
    }
    let node = steps::output(Command::new("node").arg("--version"))?;
    Ok(format!("{list} on Node {}", node.trim()))
}

fn python(folder: &Path, package: &str) -> Outcome<String> {
    let program = folder.join("bin/python");
    if !folder.join("bin/pip").exists() {
        let python = place::on_path("python3").ok_or("there is no python3 on the search path")?;
        steps::run(Command::new(python).args(["-m", "venv"]).arg(folder))?;
    }
    let version = |_: &str| {
        let ask = format!(
            "import importlib.metadata as m, platform as p; print('{package}', m.version('{package}'), 'on Python', p.python_version())"
        );
        steps::output(Command::new(&program).args(["-c", &ask])).map(|text| text.trim().to_owned())
    };
    if let Ok(found) = version(package) {
        return Ok(found);
    }
    // pip takes the newest version that this Python can run.
    steps::run(Command::new(&program).args(["-m", "pip", "install", "-q", package]))?;
    version(package)
}
