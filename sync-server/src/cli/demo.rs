//! `romp-server demo`: a made-up neighbourhood of real pets.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::Args;
use romp_server::demo::{self, SkippedLine};
use romp_server::demo_load;
use romp_server::env::{Clock, SystemClock};
use romp_server::server::Settings;

use super::{Database, Failure};

#[derive(Debug, Args)]
pub(super) struct Demo {
    #[command(flatten)]
    database: Database,
    /// Licensed pets (CSV: name, species, breed1, breed2, zip)
    #[arg(long, value_name = "FILE")]
    pets: PathBuf,
    /// Places of ZIP codes (CSV: zip, city, lat, lon)
    #[arg(long, value_name = "FILE")]
    places: PathBuf,
    /// Most households; all pets find one without it
    #[arg(long, value_name = "N")]
    households: Option<usize>,
    /// Decides everything that chance would
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

impl Demo {
    pub(super) fn run(self) -> Result<(), Failure> {
        let (pets, skipped_pets) = demo::read_pets(open(&self.pets)?)?;
        let (places, skipped_places) = demo::read_places(open(&self.places)?)?;
        tell_skipped(&self.pets, &skipped_pets);
        tell_skipped(&self.places, &skipped_places);
        let options = demo::Options {
            households: self.households,
            seed: self.seed,
            now: SystemClock.now(),
        };
        let homes = demo::neighbourhood(&pets, &places, options);
        let loaded = demo_load::load(&*self.database.server(Settings::default())?, homes)?;
        tracing::info!(
            households = loaded.households,
            pets = loaded.pets,
            swipes = loaded.swipes,
            without_place = demo::unplaced(&pets, &places),
            "the neighbourhood is there"
        );
        Ok(())
    }
}

fn open(path: &Path) -> Result<BufReader<File>, Failure> {
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(BufReader::new(file))
}

fn tell_skipped(path: &Path, skipped: &[SkippedLine]) {
    if let Some(first) = skipped.first() {
        tracing::warn!(
            file = %path.display(),
            lines = skipped.len(),
            first = first.line,
            why = ?first.why,
            "some lines were passed over"
        );
    }
}
