//! How well an eligible pair fits, from what both owners stated.
//!
//! Each side's satisfaction is a weighted mean of attributes, each 0 to 1 and smooth in the difference, with the
//! weights on the importance scale 0, 1, 10, 50 of question-based matching. What is not known counts one half:
//! neither for nor against. The two sides are joined by their harmonic mean, as in RECON (Pizzato et al. 2010),
//! because a wish of one side only is worth little; in a simulation of one round of decks it gave one to two per
//! cent more mutual yeses than the product.

use jiff::civil::Date;
use romp_domain::{Distance, Pet, Reason, Sociability};

use crate::MEETING_MS;
use crate::candidate::Candidate;
use crate::week::weekdays_shared;

/// Most reasons given for one pair: more than three nobody takes in.
pub const MAX_REASONS: usize = 3;

/// How well two pets fit, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// 0 (not at all) to 1 (perfectly), the same from both sides; never NaN.
    pub value: f64,
    /// Why, best first, at most [`MAX_REASONS`].
    pub reasons: Vec<Reason>,
}

/// Weights of the attributes: 50 "very important", 10 "somewhat", 1 "a little".
mod weight {
    pub(super) const STYLES: f64 = 50.0;
    pub(super) const ENERGY: f64 = 50.0;
    pub(super) const SOCIABILITY: f64 = 50.0;
    pub(super) const SIZE: f64 = 10.0;
    pub(super) const AGE: f64 = 10.0;
    pub(super) const DISTANCE: f64 = 10.0;
}

/// An attribute of which one side is not known.
const UNKNOWN: f64 = 0.5;

/// Scores a pair on `today`. The value is symmetric; weekdays among the reasons are read in the zone of `a`.
pub fn score(a: &Candidate<'_>, b: &Candidate<'_>, today: Date) -> Score {
    Score {
        value: value(a, b, today),
        reasons: reasons(a, b),
    }
}

/// The harmonic mean of both sides' satisfaction.
pub(crate) fn value(a: &Candidate<'_>, b: &Candidate<'_>, today: Date) -> f64 {
    harmonic_mean(satisfaction(a, b, today), satisfaction(b, a, today))
}

fn harmonic_mean(one: f64, other: f64) -> f64 {
    let sum = one + other;
    if sum > 0.0 { 2.0 * one * other / sum } else { 0.0 }
}

/// How far `other` is what `own` would like, 0 to 1.
fn satisfaction(own: &Candidate<'_>, other: &Candidate<'_>, today: Date) -> f64 {
    let attributes = [
        (weight::STYLES, styles(own.pet, other.pet)),
        (weight::ENERGY, energy(own.pet, other.pet)),
        (weight::SOCIABILITY, sociability(own.pet, other.pet)),
        (weight::SIZE, size(own.pet, other.pet)),
        (weight::AGE, age(own.pet, other.pet, today)),
        (weight::DISTANCE, Some(distance(own, other))),
    ];
    let total: f64 = attributes.iter().map(|(weight, _)| weight).sum();
    let reached: f64 = attributes
        .iter()
        .map(|(weight, satisfied)| weight * satisfied.unwrap_or(UNKNOWN))
        .sum();
    reached / total
}

/// The share of the own ways to play that the other knows too.
fn styles(own: &Pet, other: &Pet) -> Option<f64> {
    if own.play_styles.is_empty() || other.play_styles.is_empty() {
        return None;
    }
    let common = own.play_styles.intersection(&other.play_styles).count();
    Some(common as f64 / own.play_styles.len() as f64)
}

/// Falls to 0.6 at one step and a half of difference, to 0.03 at four.
fn energy(own: &Pet, other: &Pet) -> Option<f64> {
    let steps = f64::from(own.energy?.get()) - f64::from(other.energy?.get());
    Some(bell(steps / 1.5))
}

/// How a pet of the first temperament takes one of the second: calm company for the shy and the reactive, other
/// social pets for the social.
fn sociability(own: &Pet, other: &Pet) -> Option<f64> {
    use Sociability::{Reactive, Selective, Shy, Social};
    Some(match (own.sociability?, other.sociability?) {
        (Social, Social) => 1.0,
        (Selective, Social) | (Shy, Selective) => 0.8,
        (Shy, Shy) | (Reactive, Social) => 0.7,
        (Shy, Social) | (Social | Selective, Selective) => 0.6,
        (Social | Selective, Shy) => 0.5,
        (Reactive, Selective) => 0.4,
        (Social, Reactive) => 0.3,
        (Selective, Reactive) | (Reactive, Shy) => 0.2,
        (Shy, Reactive) => 0.1,
        (Reactive, Reactive) => 0.0,
    })
}

/// The lighter weight as a share of the heavier.
fn size(own: &Pet, other: &Pet) -> Option<f64> {
    let (own, other) = (own.weight_g?, other.weight_g?);
    Some(f64::from(own.min(other).get()) / f64::from(own.max(other).get()))
}

/// Compares ages by ratio: one year is much between pups and little between old dogs.
fn age(own: &Pet, other: &Pet, today: Date) -> Option<f64> {
    let years = |pet: &Pet| {
        let days = (today - pet.birth_month?).get_days();
        Some(f64::from(days.max(0)) / 365.25)
    };
    let ratio = (years(own)? + 1.0) / (years(other)? + 1.0);
    Some(bell(ratio.ln() / std::f64::consts::LN_2))
}

/// 1 next door, 0 at the end of the own family's travel.
fn distance(own: &Candidate<'_>, other: &Candidate<'_>) -> f64 {
    (1.0 - own.km_to(other) / f64::from(own.party.travel_km.get())).clamp(0.0, 1.0)
}

/// A bell curve: 1 at 0, 0.61 at one unit, 0.14 at two.
fn bell(units: f64) -> f64 {
    (-0.5 * units * units).exp()
}

/// True for both, and told from what both families publish: the public pet, and a weekday on which both are free.
pub(crate) fn reasons(a: &Candidate<'_>, b: &Candidate<'_>) -> Vec<Reason> {
    let style = a.pet.play_styles.intersection(&b.pet.play_styles).next();
    let days = weekdays_shared(&a.party.free, &b.party.free, &a.party.zone, MEETING_MS);
    let as_lively =
        matches!((a.pet.energy, b.pet.energy), (Some(a), Some(b)) if a.get().abs_diff(b.get()) <= 1);
    let same_size = a.pet.size().is_some() && a.pet.size() == b.pet.size();
    let nearby = Distance::of_km(a.km_to(b)) == Distance::Under2Km;

    [
        style.map(|style| Reason::BothPlay { style: *style }),
        days.first().map(|weekday| Reason::BothFree { weekday: *weekday }),
        as_lively.then_some(Reason::SameEnergy),
        same_size.then_some(Reason::SameSize),
        nearby.then_some(Reason::Nearby),
    ]
    .into_iter()
    .flatten()
    .take(MAX_REASONS)
    .collect()
}

#[cfg(test)]
mod tests;
