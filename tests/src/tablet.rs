//! A device as a family has it: the app's core behind the bridge, and a browser with a finger in front of it.

use std::process::Command;

use tempfile::TempDir;

use crate::drive::{Browser, View};
use crate::process::Process;
use crate::server::{self, DEMO_EMAIL, DEMO_PASSWORD, ServerProcess};
use crate::tools;

/// A device and the browser that shows it.
pub struct Tablet {
    /// What a person sees and touches.
    pub browser: Browser,
    // Ended in this order.
    _bridge: Process,
    _device: TempDir,
}

/// A server with families around the demo family; none, and a word about it, where something is missing for `test`.
#[must_use]
pub fn neighbourhood(test: &str) -> Option<ServerProcess> {
    let demo = tools::root().join("assets/demo/seattle-pets.csv");
    let files = [server::program(), tools::program("romp-bridge"), demo];
    let ready = Browser::available(test) && tools::available(test, &[], &files);
    ready.then(|| ServerProcess::start_with_demo(60, 7))
}

impl Tablet {
    /// One on which the demo family's owner is signed in.
    pub fn of_the_demo_family(server: &ServerProcess) -> Self {
        let account = [
            ("ROMP_DEV_SERVER", server.url()),
            ("ROMP_DEV_EMAIL", DEMO_EMAIL),
            ("ROMP_DEV_PASSWORD", DEMO_PASSWORD),
        ];
        Self::start(&account)
    }

    /// One that nobody has used yet.
    pub fn new() -> Self {
        Self::start(&[])
    }

    fn start(environment: &[(&str, &str)]) -> Self {
        let device = TempDir::new().expect("a temporary folder can be made");
        let mut bridge = Command::new(tools::program("romp-bridge"));
        bridge
            .arg("--data")
            .arg(device.path())
            .envs(environment.iter().copied());
        let (bridge, url) = Process::start_and_await("romp-bridge", &mut bridge, "open ");
        Self {
            browser: Browser::open(&url, View::TABLET),
            _bridge: bridge,
            _device: device,
        }
    }
}

impl Default for Tablet {
    fn default() -> Self {
        Self::new()
    }
}
