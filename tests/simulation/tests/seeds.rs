//! A few dozen seeds in every test run, and that a seed means the same every time. `cargo xtask simulate` runs more.

use romp_simulation::{run, shrink};

/// What the ordinary test run affords, in the profile for development.
const SEEDS: u64 = 24;
const STEPS: usize = 250;

#[test]
fn whatever_people_do_and_whatever_goes_wrong_every_invariant_holds() {
    let mut sum = [0_u64; 4];
    for seed in 0..SEEDS {
        let ended = run(seed, STEPS, false);
        if let Some((at, violation)) = ended.violation {
            let told = shrink(seed, STEPS).map_or_else(String::new, |shrunk| shrunk.story.join("\n"));
            panic!(
                "seed {seed} violates {} after {at} entries: {}\n{told}",
                violation.invariant, violation.detail
            );
        }
        for (into, from) in sum.iter_mut().zip(ended.counts.judged) {
            *into += from;
        }
    }
    let [applied, refused, matches, _] = sum;
    // What was never reached was not tested. Whether a playdate is confirmed in so few steps is left to chance.
    assert!(applied > 500 && refused > 0 && matches > 0, "{sum:?}");
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
