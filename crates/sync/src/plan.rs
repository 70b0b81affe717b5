//! What the server does with a batch, decided from numbers alone.

use romp_domain::Mutation;

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
    /// The numbers are not consecutive: a faulty or forged request.
    Broken,
}

/// Decides by the last number the server holds of the device, `last_mid`.
pub fn plan_batch(last_mid: u64, mutations: &[Mutation]) -> Batch {
    let Some(first) = mutations.first() else {
        return Batch::Apply { known: 0 };
    };
    let consecutive = mutations
        .windows(2)
        .all(|pair| pair[0].mid.checked_add(1) == Some(pair[1].mid));
    if first.mid == 0 || !consecutive {
        return Batch::Broken;
    }
    match last_mid.checked_add(1) {
        Some(next) if first.mid > next => Batch::Missing { from: next },
        _ => Batch::Apply {
            known: mutations.iter().take_while(|m| m.mid <= last_mid).count(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_domain::row::HOUSEHOLD_ROW;
    use romp_domain::{Fields, Hlc, Kind, Op};

    fn batch(mids: &[u64]) -> Vec<Mutation> {
        mids.iter()
            .map(|mid| Mutation {
                mid: *mid,
                hlc: Hlc(*mid),
                kind: Kind::Household,
                id: HOUSEHOLD_ROW,
                op: Op::Patch {
                    fields: Fields::default(),
                },
            })
            .collect()
    }

    #[test]
    fn a_resent_prefix_is_passed_over() {
        assert_eq!(plan_batch(0, &batch(&[1, 2])), Batch::Apply { known: 0 });
        assert_eq!(plan_batch(2, &batch(&[1, 2, 3])), Batch::Apply { known: 2 });
        assert_eq!(plan_batch(9, &batch(&[1, 2, 3])), Batch::Apply { known: 3 });
    }

    #[test]
    fn a_gap_is_asked_for_and_disorder_is_refused() {
        assert_eq!(plan_batch(1, &batch(&[4, 5])), Batch::Missing { from: 2 });
        assert_eq!(plan_batch(0, &batch(&[1, 3])), Batch::Broken);
        assert_eq!(plan_batch(0, &batch(&[2, 1])), Batch::Broken);
        assert_eq!(plan_batch(0, &batch(&[0, 1])), Batch::Broken);
        assert_eq!(
            plan_batch(u64::MAX, &batch(&[u64::MAX])),
            Batch::Apply { known: 1 }
        );
    }
}
