//! What the tests of the demo share: the committed sample, and small registers of their own.

mod files;
mod town;

use super::*;

const PETS: &str = include_str!("../../../../assets/demo/seattle-pets.csv");
const PLACES: &str = include_str!("../../../../assets/demo/zip-centroids.csv");

fn sample() -> (Vec<LicensedPet>, Places) {
    let (pets, skipped) = read_pets(PETS.as_bytes()).unwrap();
    assert_eq!(skipped, []);
    let (places, skipped) = read_places(PLACES.as_bytes()).unwrap();
    assert_eq!(skipped, []);
    (pets, places)
}

fn read_csv(text: impl AsRef<[u8]>) -> (Vec<LicensedPet>, Vec<SkippedLine>) {
    let file = [b"zip,name,breed2,breed1,species\n", text.as_ref()].concat();
    read_pets(file.as_slice()).unwrap()
}
