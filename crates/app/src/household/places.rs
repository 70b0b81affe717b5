//! Finding the cell of the grid in which a family lives: by postal code, by town, or by coordinates typed by hand.
//!
//! Works offline, from a list that comes with the app. Whatever is found is already rounded to the grid: the exact
//! place is never stored.

use romp_domain::calls::Places;
use romp_domain::view::PlaceView;
use romp_domain::{Area, Invalid, Problem};

/// `zip,city,state,lat,lon`; its origin is told in `assets/demo`.
const LIST: &str = include_str!("../../../../assets/demo/zip-centroids.csv");

/// More than fit on a screen help nobody.
const MOST: usize = 20;

/// Places that begin with the query, by postal code.
pub(crate) fn places(call: &Places) -> Result<Vec<PlaceView>, Problem> {
    let query = call.query.trim().to_lowercase();
    if query.is_empty() {
        return Ok(Vec::new());
    }
    if let Some((lat, lon)) = coordinates(&query) {
        let area = Area::around(lat, lon).map_err(|reason| Invalid::new("query", reason))?;
        let label = format!(
            "{:.2}, {:.2}",
            f64::from(area.lat_c()) / 100.0,
            f64::from(area.lon_c()) / 100.0
        );
        return Ok(vec![PlaceView { label, area }]);
    }
    let mut found: Vec<_> = csv::Reader::from_reader(LIST.as_bytes())
        .into_deserialize()
        .filter_map(Result::ok)
        .filter(|(zip, town, _, _, _): &Place| {
            zip.starts_with(&query) || town.to_lowercase().starts_with(&query)
        })
        .filter_map(|(zip, town, _, lat, lon)| {
            Some(PlaceView {
                label: format!("{zip} {town}"),
                area: Area::around(lat, lon).ok()?,
            })
        })
        .collect();
    found.sort_by(|a, b| a.label.cmp(&b.label));
    found.truncate(MOST);
    Ok(found)
}

type Place = (String, String, String, f64, f64);

/// Two numbers with a comma between them.
fn coordinates(query: &str) -> Option<(f64, f64)> {
    let (lat, lon) = query.split_once(',')?;
    Some((lat.trim().parse().ok()?, lon.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(query: &str) -> Result<Vec<PlaceView>, Problem> {
        places(&Places {
            query: query.to_owned(),
        })
    }

    #[test]
    fn a_place_is_found_by_code_by_town_and_by_coordinates() {
        assert_eq!(find("98115").unwrap()[0].label, "98115 Seattle");
        let seattle = find(" SEAT").unwrap();
        assert!(seattle.len() > 1 && seattle.len() <= MOST);
        assert!(seattle.iter().all(|place| place.label.ends_with("Seattle")));
        let here = find("47.608013, -122.335167").unwrap();
        assert_eq!(here[0].area, Area::around(47.61, -122.34).unwrap());
        assert_eq!(here[0].label, "47.61, -122.34");
    }

    #[test]
    fn nonsense_finds_nothing_or_is_refused() {
        assert!(find("").unwrap().is_empty());
        assert!(find("Atlantis").unwrap().is_empty());
        assert!(find(&"9".repeat(10_000)).unwrap().is_empty());
        for bad in ["NaN, 0", "91, 0", "0, inf"] {
            assert_eq!(find(bad).unwrap_err().field.as_deref(), Some("query"), "{bad}");
        }
    }
}
