//! `cargo xtask screens`: the pictures in docs/screens, of the real window and of a tablet's view.

use crate::cargo::cargo;
use crate::steps::{self, Steps};
use crate::system::{self, Need};
use crate::{Outcome, place, ui};

pub(crate) fn screens() -> Outcome {
    let mut steps = Steps::new();
    steps.step("System packages", || {
        system::install(&[Need::Build, Need::Window, Need::Npm, Need::Tests])
    })?;
    steps.step("The user interface", || ui::build(&ui::Options::default()))?;
    steps.step("The programs", || {
        let packages = ["romp-server", "romp", "romp-tests"];
        let arguments = packages.iter().flat_map(|name| ["--package", *name]);
        steps::run(cargo(["build", "--bins"]).args(arguments))
    })?;
    steps.step("The pictures", || {
        let mut command = std::process::Command::new(place::program("romp-screens"));
        steps::run(command.arg("--out").arg(place::root().join("docs/screens")))
    })?;
    steps.print_times();
    Ok(())
}
