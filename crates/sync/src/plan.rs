//! What the server does with a batch, decided from numbers and hashes alone.

use romp_domain::Sent;
use romp_domain::wire::Link;

use crate::chain::link_after;

/// What to do with a batch of mutations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Batch {
    /// The first `known` are known from before; the rest is new and follows without a gap.
    Apply {
        /// How many to pass over.
        known: usize,
    },
    /// Mutations are missing before the first: ask for them, apply nothing.
    Missing {
        /// The first missing number.
        from: u64,
    },
    /// It does not follow what was sent under this device's id before: somebody else uses the id. Apply nothing.
    Fork,
    /// The numbers are not consecutive: a faulty or forged request.
    Broken,
}

/// Decides by the place that the server holds of the device, `held`, and the one after which the mutations follow;
/// devices of protocol 1 do not tell that one.
pub fn plan_batch(held: Link, link: Option<Link>, mutations: &[Sent]) -> Batch {
    let first = mutations.first().map(Sent::mid);
    let consecutive = mutations
        .windows(2)
        .all(|pair| pair[0].mid().checked_add(1) == Some(pair[1].mid()));
    let follows = link.is_none_or(|link| first.is_none_or(|first| link.mid.checked_add(1) == Some(first)));
    if first == Some(0) || !consecutive || !follows {
        return Batch::Broken;
    }
    // The number before the first, or what the device says of it.
    let before = link.map_or_else(|| first.map_or(held.mid, |first| first - 1), |link| link.mid);
    if before > held.mid {
        return Batch::Missing { from: held.mid + 1 };
    }
    let known = held.mid - before;
    let Some(link) = link else {
        let known = usize::try_from(known).unwrap_or(usize::MAX);
        return Batch::Apply {
            known: known.min(mutations.len()),
        };
    };
    let Some(repeated) = usize::try_from(known)
        .ok()
        .and_then(|known| mutations.get(..known))
    else {
        return Batch::Fork;
    };
    let reached = repeated.iter().fold(link, link_after);
    if reached.chain == held.chain {
        Batch::Apply {
            known: repeated.len(),
        }
    } else {
        Batch::Fork
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_domain::row::HOUSEHOLD_ROW;
    use romp_domain::wire::Chain;
    use romp_domain::{Fields, Hlc, Kind, Mutation, Op};

    fn mutation(mid: u64, hlc: Hlc) -> Sent {
        let fields = Fields::default();
        Sent::Known(Mutation {
            mid,
            hlc,
            base_seq: None,
            waited: false,
            kind: Kind::Household,
            id: HOUSEHOLD_ROW,
            op: Op::Patch { fields },
        })
    }

    fn batch(mids: &[u64]) -> Vec<Sent> {
        mids.iter().map(|mid| mutation(*mid, Hlc(*mid))).collect()
    }

    /// The place after the first `mid` mutations of an honest device.
    fn place(mid: u64) -> Link {
        let all: Vec<u64> = (1..=mid).collect();
        batch(&all).iter().fold(Link::default(), link_after)
    }

    fn plan(held: u64, link: u64, mids: &[u64]) -> Batch {
        plan_batch(place(held), Some(place(link)), &batch(mids))
    }

    #[test]
    fn row_45_a_resent_prefix_is_passed_over() {
        assert_eq!(plan(0, 0, &[1, 2]), Batch::Apply { known: 0 });
        assert_eq!(plan(2, 0, &[1, 2, 3]), Batch::Apply { known: 2 });
        assert_eq!(plan(3, 0, &[1, 2, 3]), Batch::Apply { known: 3 });
        assert_eq!(plan(3, 3, &[]), Batch::Apply { known: 0 });
    }

    #[test]
    fn a_gap_is_asked_for_even_by_a_device_with_nothing_to_say_and_disorder_is_refused() {
        assert_eq!(plan(1, 3, &[4, 5]), Batch::Missing { from: 2 });
        assert_eq!(plan(1, 3, &[]), Batch::Missing { from: 2 });
        assert_eq!(plan(0, 0, &[1, 3]), Batch::Broken);
        assert_eq!(plan(0, 1, &[2, 1]), Batch::Broken);
        assert_eq!(plan(0, 0, &[0, 1]), Batch::Broken);
        assert_eq!(plan(9, 4, &[6, 7]), Batch::Broken);
        let last = |mid| {
            Some(Link {
                mid,
                ..Link::default()
            })
        };
        assert_eq!(
            plan_batch(place(0), last(u64::MAX - 1), &batch(&[u64::MAX, 0])),
            Batch::Broken
        );
        assert_eq!(plan_batch(place(0), last(u64::MAX), &batch(&[0])), Batch::Broken);
    }

    #[test]
    fn row_46_a_copy_that_went_another_way_is_found_out() {
        // The other one sent more than this one ever made.
        assert_eq!(plan(9, 5, &[6, 7]), Batch::Fork);
        assert_eq!(plan(9, 5, &[]), Batch::Fork);
        // The other one sent something else under the same numbers.
        let mut other = batch(&[1, 2, 3]);
        other[1] = mutation(2, Hlc(77));
        let held = other.iter().fold(Link::default(), link_after);
        assert_eq!(plan_batch(held, Some(place(1)), &batch(&[2, 3, 4])), Batch::Fork);
        assert_eq!(plan_batch(held, Some(place(3)), &batch(&[4])), Batch::Fork);
        assert_eq!(
            plan_batch(held, Some(held), &batch(&[4])),
            Batch::Apply { known: 0 }
        );
    }

    #[test]
    fn protocol_1_tells_no_place_and_is_believed() {
        let held = Link {
            mid: 2,
            chain: Chain(5),
        };
        assert_eq!(
            plan_batch(held, None, &batch(&[1, 2, 3])),
            Batch::Apply { known: 2 }
        );
        assert_eq!(plan_batch(held, None, &batch(&[1])), Batch::Apply { known: 1 });
        assert_eq!(plan_batch(held, None, &batch(&[4])), Batch::Missing { from: 3 });
        assert_eq!(plan_batch(held, None, &[]), Batch::Apply { known: 0 });
    }
}
