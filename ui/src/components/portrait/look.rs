//! What makes a drawn pet an individual: choices made from its id, the same on every device and every day.
//!
//! Only the id counts. The breed decides nothing: traits belong to the individual, and a drawing that looked like
//! the breed would claim to be a likeness.

use romp_domain::PetId;

/// Colours of a coat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coat {
    /// Most of the fur.
    pub(crate) base: &'static str,
    /// Ears, shadows and dark markings.
    pub(crate) dark: &'static str,
    /// Muzzle, chest and light markings.
    pub(crate) light: &'static str,
}

const fn coat(base: &'static str, dark: &'static str, light: &'static str) -> Coat {
    Coat { base, dark, light }
}

/// Coats of dogs, cats, rabbits, guinea pigs and goats.
pub(crate) const FUR: &[Coat] = &[
    coat("#C98B4F", "#8F5A2C", "#F6E3C8"),
    coat("#8A5A3B", "#5E3A26", "#E9CBA7"),
    coat("#E8C48F", "#BF8F55", "#FFF5E3"),
    coat("#55504F", "#35302F", "#D9D2CB"),
    coat("#A7A29C", "#716B66", "#F3EFEA"),
    coat("#F1E7D9", "#B98A5C", "#FFFFFF"),
    coat("#B5623A", "#7C3E22", "#F8DFC4"),
    coat("#7C8794", "#535D69", "#E6EBF0"),
];

/// Coats of pigs.
pub(crate) const PINK: &[Coat] = &[
    coat("#F2B5AE", "#D98A85", "#F9D3CC"),
    coat("#E9A79B", "#C77C72", "#F6CCC0"),
    coat("#6B5B58", "#4A3E3C", "#E3B3A8"),
    coat("#D7A98C", "#A97A5E", "#F0D2BC"),
];

/// Bandanas and collars.
pub(crate) const CLOTH: &[&str] = &["#2F7A63", "#D9663B", "#5A5FA8", "#E0A32E", "#B84A66", "#2F7FA0"];

/// Eyes that have a colour.
pub(crate) const IRISES: &[&str] = &["#8FBF5A", "#F2C14E", "#6FB1CF", "#D99A4A"];

/// A landscape: sky, sun, far hill, near hill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scene {
    /// Behind everything.
    pub(crate) sky: &'static str,
    /// A round light in it.
    pub(crate) sun: &'static str,
    /// The hill further away.
    pub(crate) far: &'static str,
    /// The hill in front.
    pub(crate) near: &'static str,
}

const fn scene(sky: &'static str, sun: &'static str, far: &'static str, near: &'static str) -> Scene {
    Scene { sky, sun, far, near }
}

/// Landscapes: morning meadow, evening, seaside, blossom, honey field, dusk.
pub(crate) const SCENES: &[Scene] = &[
    scene("#D6ECDF", "#FFF3C9", "#A5D3B4", "#74B58C"),
    scene("#FFE0C7", "#FFF4DC", "#F5B78C", "#E0936A"),
    scene("#D3E8F3", "#FFF6D8", "#9CCBDD", "#6FAFC7"),
    scene("#F8DDE3", "#FFF3EC", "#EBB3C0", "#D68DA0"),
    scene("#FBE9BD", "#FFFAE8", "#EBCB7B", "#D3AB4D"),
    scene("#DEDDF2", "#FFF4DA", "#B3B2DC", "#8B8BC2"),
];

/// Choices made from an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look(u64);

impl Look {
    /// The look of a pet.
    pub(crate) fn of(id: PetId) -> Self {
        // FNV-1a: short, the same everywhere, and good enough to tell neighbours apart.
        let hash =
            id.0.as_bytes()
                .iter()
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                    (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
                });
        Self(hash)
    }

    /// A number below `count`, independent of those for other purposes.
    pub(crate) fn choose(self, purpose: u64, count: usize) -> usize {
        let mut bits = self.0 ^ purpose.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        bits ^= bits >> 32;
        (bits % (count.max(1) as u64)) as usize
    }

    /// One of several, independent of the choices for other purposes.
    pub(crate) fn pick<T: Copy>(self, purpose: u64, from: &[T]) -> T {
        from[self.choose(purpose, from.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_pet_looks_the_same_every_time_and_not_like_its_neighbours() {
        let look = |n| Look::of(PetId(Uuid::from_u128(n)));
        assert_eq!(look(7), look(7));
        let features = |n| {
            let look = look(n);
            (
                look.choose(1, 8),
                look.choose(2, 4),
                look.choose(3, 5),
                look.choose(4, 6),
            )
        };
        let different: std::collections::BTreeSet<_> = (0..40).map(features).collect();
        assert!(different.len() > 35, "{} of 40", different.len());
    }
}
