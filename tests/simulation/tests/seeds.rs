//! Two dozen seeds with every test run, and that a seed means the same every time. `cargo xtask test` runs 200 more, and
//! `cargo xtask simulate` as many as are asked for.

use romp_simulation::{Counts, FAULTS, run, shrink};

const SEEDS: u64 = 24;
const STEPS: usize = 300;

/// Too rare for so few steps.
const RARE: [&str; 2] = ["asked to send again", "family not kept away any more"];

#[test]
fn whatever_people_do_and_whatever_goes_wrong_every_invariant_holds() {
    let mut sum = Counts::default();
    for seed in 0..SEEDS {
        let ended = run(seed, STEPS, false);
        if let Some((at, violation)) = ended.violation {
            let told = shrink(seed, STEPS).map_or_else(String::new, |shrunk| shrunk.story.join("\n"));
            panic!(
                "seed {seed} violates {} after {at} entries: {}\n{told}",
                violation.invariant, violation.detail
            );
        }
        sum.add(&ended.counts);
    }
    let [applied, refused, matches, _] = sum.judged;
    assert!(applied > 1_000 && refused > 10 && matches > 5, "{:?}", sum.judged);
    let missing: Vec<&str> = FAULTS
        .into_iter()
        .filter(|fault| !RARE.contains(fault) && !sum.faults.contains_key(fault))
        .collect();
    assert!(
        missing.is_empty(),
        "never happened: {missing:?} of {:?}",
        sum.faults
    );
}

#[test]
fn a_seed_means_the_same_every_time() {
    for seed in [3, 11] {
        let (one, two) = (run(seed, STEPS, true), run(seed, STEPS, false));
        assert_eq!(one.trace, two.trace);
        assert!(!one.story.is_empty());
        assert_ne!(one.trace, run(seed + 1, STEPS, false).trace);
    }
}
