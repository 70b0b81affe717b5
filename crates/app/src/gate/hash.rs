//! The PIN as it is kept: argon2id. A PIN of a few digits falls to whoever has the file and some patience; the hash
//! makes that work, the counter guards the app.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use romp_domain::{ErrorCode, Pin, Problem, TypedPin, UtcMs};
use romp_store::Ids;

/// Memory in KiB, passes over it, lanes: OWASP's password storage cheat sheet, since 2023.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// The hash to keep, in the PHC string format.
pub(super) fn hash(ids: &dyn Ids, pin: &Pin) -> Result<String, Problem> {
    let hash = argon2()?
        .hash_password_with_salt(pin.expose().as_bytes(), &salt(ids))
        .map_err(|_| internal())?;
    Ok(hash.to_string())
}

/// Whether this is the PIN.
pub(super) fn is_right(hash: &str, typed: &TypedPin) -> Result<bool, Problem> {
    let parsed = PasswordHash::new(hash).map_err(|_| internal())?;
    Ok(argon2()?
        .verify_password(typed.expose().as_bytes(), &parsed)
        .is_ok())
}

/// 124 random bits: the low halves of two ids, which have 62 each.
fn salt(ids: &dyn Ids) -> [u8; 16] {
    let low = |id: uuid::Uuid| id.as_u128() & u128::from(u64::MAX);
    ((low(ids.make(UtcMs(0))) << 64) | low(ids.make(UtcMs(0)))).to_be_bytes()
}

fn argon2() -> Result<Argon2<'static>, Problem> {
    let (memory_kib, passes, lanes) = COST;
    let params = Params::new(memory_kib, passes, lanes, None).map_err(|_| internal())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// What is kept cannot be read, or cannot be computed. Opens nothing, and says nothing of it.
fn internal() -> Problem {
    Problem::saying(ErrorCode::Internal, "The PIN cannot be checked on this device.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_store::SeededIds;

    #[test]
    fn row_78_the_pin_is_kept_as_owasp_asks_and_twice_the_same_pin_looks_different() {
        let ids = SeededIds::new(1);
        let pin = Pin::new("4829".into()).unwrap();
        let (one, two) = (hash(&ids, &pin).unwrap(), hash(&ids, &pin).unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
        let typed = |text: &str| TypedPin::new(text.to_owned()).unwrap();
        assert!(is_right(&one, &typed("4829")).unwrap() && is_right(&two, &typed("4829")).unwrap());
        for wrong in ["", "4828", "48290", " 4829", "4829\0"] {
            assert!(!is_right(&one, &typed(wrong)).unwrap(), "{wrong:?}");
        }
        assert!(
            is_right("not a hash", &typed("4829")).is_err(),
            "damage opens nothing"
        );
    }
}
