//! A sum over all rows that a device holds, compared with the server's now and then.
//!
//! A sum, because rows come and go one by one and in any order. It finds faults, not attackers: a device can only
//! mislead the server about itself.

use romp_domain::wire::Digest;
use uuid::Uuid;

/// Adds rows up.
#[derive(Debug, Clone, Copy, Default)]
pub struct DigestSum(u64);

impl DigestSum {
    /// Adds a row: its kind, its id, the commit that last changed it, and its fields as JSON.
    pub fn add(&mut self, kind: &str, id: Uuid, seq: u64, fields: &str) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(kind.as_bytes());
        hasher.update(id.as_bytes());
        hasher.update(&seq.to_le_bytes());
        hasher.update(fields.as_bytes());
        let mut hash = [0; 8];
        hash.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        self.0 = self.0.wrapping_add(u64::from_le_bytes(hash));
    }

    /// The sum.
    pub const fn digest(self) -> Digest {
        Digest(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(rows: &[(&str, u128, u64, &str)]) -> Digest {
        let mut sum = DigestSum::default();
        for (kind, id, seq, fields) in rows {
            sum.add(kind, Uuid::from_u128(*id), *seq, fields);
        }
        sum.digest()
    }

    #[test]
    fn the_order_does_not_matter_and_everything_else_does() {
        let (one, two) = (("pet", 1, 5, "{}"), ("slot", 2, 6, "{}"));
        assert_eq!(sum(&[one, two]), sum(&[two, one]));
        assert_eq!(sum(&[]), Digest(0));
        for other in [
            ("slot", 1, 5, "{}"),
            ("pet", 2, 5, "{}"),
            ("pet", 1, 6, "{}"),
            ("pet", 1, 5, "[]"),
        ] {
            assert_ne!(sum(&[one]), sum(&[other]));
        }
        assert_ne!(sum(&[one]), sum(&[one, one]));
    }
}
