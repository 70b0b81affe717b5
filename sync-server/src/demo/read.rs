//! Reading the register of licensed pets and the places of ZIP codes, both as CSV with a header line.
//!
//! A line that cannot be used is skipped and told of, never an error: registers are kept by people. A file without
//! the needed columns is an error, because then every line would be skipped.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use csv::ByteRecord;
use romp_domain::text::{PetName, PlaceLabel};
use romp_domain::{Area, Breed, ErrorCode, Invalid, InvalidReason, Problem, Species};

use super::breed;

/// A ZIP code: five digits; the four that may follow are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Zip(u32);

impl Zip {
    /// Reads `98115` or `98115-1234`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        let (five, rest) = text.trim().split_once('-').unwrap_or((text.trim(), "0000"));
        (digits(five, 5) && digits(rest, 4))
            .then(|| five.parse().ok().map(Self))
            .flatten()
    }

    /// As a number below 100,000.
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Zip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05}", self.0)
    }
}

/// What the register says of a pet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicensedPet {
    /// Its name; `None` where there is none, or none that says anything.
    pub name: Option<PetName>,
    /// What it is.
    pub species: Species,
    /// What is known of its breed.
    pub breed: Breed,
    /// Where it lives.
    pub zip: Zip,
}

/// The middle of a ZIP code's area.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The city, where there is a name for it.
    pub label: Option<PlaceLabel>,
    /// Degrees north; a valid latitude.
    pub lat: f64,
    /// Degrees east; a valid longitude.
    pub lon: f64,
}

/// Places by ZIP code.
pub type Places = BTreeMap<Zip, Place>;

/// Why a line was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// It is not UTF-8.
    NotText,
    /// It has fewer fields than the header.
    TooShort,
    /// It names no species.
    NoSpecies,
    /// It has no ZIP code.
    NoZip,
    /// It has no coordinates on this earth.
    NoCoordinates,
}

/// A line that was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkippedLine {
    /// Its number in the file; the header is line 1.
    pub line: u64,
    /// Why.
    pub why: Skip,
}

impl fmt::Display for SkippedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            Skip::NotText => "is not UTF-8 text",
            Skip::TooShort => "has too few fields",
            Skip::NoSpecies => "names no species",
            Skip::NoZip => "has no ZIP code",
            Skip::NoCoordinates => "has no coordinates",
        };
        write!(f, "line {} {why}", self.line)
    }
}

/// Reads a register with the columns `name`, `species`, `breed1`, `breed2` and `zip`, in any order.
///
/// Errors: `invalid_field` names the column that is missing; `bad_request` when the file cannot be read at all.
pub fn read_pets(reader: impl Read) -> Result<(Vec<LicensedPet>, Vec<SkippedLine>), Problem> {
    let columns = ["name", "species", "breed1", "breed2", "zip"];
    read_lines(reader, columns, |[name, species, breed1, breed2, zip]| {
        Ok(LicensedPet {
            name: usable_name(name),
            species: species_of(species).ok_or(Skip::NoSpecies)?,
            breed: breed::of(breed1, breed2),
            zip: Zip::parse(zip).ok_or(Skip::NoZip)?,
        })
    })
}

/// Reads places with the columns `zip`, `city`, `lat` and `lon`, in any order. Of two lines for one ZIP code the
/// later holds. Errors as for [`read_pets`].
pub fn read_places(reader: impl Read) -> Result<(Places, Vec<SkippedLine>), Problem> {
    let (lines, skipped) = read_lines(reader, ["zip", "city", "lat", "lon"], |[zip, city, lat, lon]| {
        let zip = Zip::parse(zip).ok_or(Skip::NoZip)?;
        let degrees = |text: &str| text.trim().parse::<f64>().map_err(|_| Skip::NoCoordinates);
        let (lat, lon) = (degrees(lat)?, degrees(lon)?);
        Area::around(lat, lon).map_err(|_| Skip::NoCoordinates)?;
        let label = PlaceLabel::new(city).ok();
        Ok((zip, Place { label, lat, lon }))
    })?;
    Ok((lines.into_iter().collect(), skipped))
}

/// Names of nothing but signs ("-", "__") stand for no name; names that cannot be stored are dropped.
fn usable_name(text: &str) -> Option<PetName> {
    PetName::new(text)
        .ok()
        .filter(|name| name.as_str().chars().any(char::is_alphanumeric))
}

/// Registers call the rarer ones all sorts of things; whatever is named is some species.
fn species_of(text: &str) -> Option<Species> {
    match text.trim().to_lowercase().as_str() {
        "" => None,
        "dog" => Some(Species::Dog),
        "cat" => Some(Species::Cat),
        "rabbit" => Some(Species::Rabbit),
        "guinea pig" => Some(Species::GuineaPig),
        "goat" => Some(Species::Goat),
        "pig" => Some(Species::Pig),
        _ => Some(Species::Other),
    }
}

fn read_lines<T, const N: usize>(
    reader: impl Read,
    columns: [&'static str; N],
    read: impl Fn([&str; N]) -> Result<T, Skip>,
) -> Result<(Vec<T>, Vec<SkippedLine>), Problem> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let places = places_of(reader.byte_headers().map_err(unreadable)?, columns)?;
    let (mut lines, mut skipped) = (Vec::new(), Vec::new());
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(unreadable)? {
        match fields(&record, places).and_then(&read) {
            Ok(line) => lines.push(line),
            Err(why) => {
                let line = record.position().map_or(0, csv::Position::line);
                skipped.push(SkippedLine { line, why });
            }
        }
    }
    Ok((lines, skipped))
}

fn places_of<const N: usize>(header: &ByteRecord, columns: [&'static str; N]) -> Result<[usize; N], Problem> {
    let mut places = [0; N];
    for (place, column) in places.iter_mut().zip(columns) {
        *place = header
            .iter()
            .position(|name| name.trim_ascii().eq_ignore_ascii_case(column.as_bytes()))
            .ok_or_else(|| Invalid::new(column, InvalidReason::Missing))?;
    }
    Ok(places)
}

fn fields<const N: usize>(record: &ByteRecord, places: [usize; N]) -> Result<[&str; N], Skip> {
    let mut fields = [""; N];
    for (field, place) in fields.iter_mut().zip(places) {
        let bytes = record.get(place).ok_or(Skip::TooShort)?;
        *field = std::str::from_utf8(bytes).map_err(|_| Skip::NotText)?;
    }
    Ok(fields)
}

fn unreadable(error: csv::Error) -> Problem {
    Problem::saying(
        ErrorCode::BadRequest,
        format!("The file could not be read: {error}."),
    )
}
