//! The only randomness there is: numbers that follow from the seed.
//!
//! Every planned action carries a number of its own, from which all its choices follow. Taking one action out of a
//! plan therefore changes the choices of no other, which is what makes a failing plan shrinkable.

/// `SplitMix64` (Steele, Lea, Flood 2014).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, `n`.
    pub(crate) const fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// From `low` to `high`, both included.
    pub(crate) const fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    /// True in `n` of 1,000 cases.
    pub(crate) const fn permille(&mut self, n: u32) -> bool {
        self.below(1_000) < n as u64
    }

    /// One of them; none of none.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let n = self.next();
        (!of.is_empty()).then(|| &of[(n % of.len() as u64) as usize])
    }

    /// One of a weighted table.
    pub(crate) fn weighted<T: Copy>(&mut self, table: &[(T, u32)]) -> T {
        let sum: u32 = table.iter().map(|(_, weight)| weight).sum();
        let mut left = self.below(u64::from(sum.max(1))) as u32;
        for (what, weight) in table {
            if left < *weight {
                return *what;
            }
            left -= weight;
        }
        table[0].0
    }
}
