//! What becomes of families that were asked to prove an address, where no mail goes out any more.
//!
//! The operator says it: a server that was started once without its mail settings must not let everybody in.

use romp_domain::Problem;

use crate::db::DbExt;
use crate::server::Server;
use crate::sync::take_part;

/// Whether there is a family that waits for somebody to prove an address, on a server that mails nobody a code.
pub(crate) fn is_somebody_waiting_in_vain(server: &Server) -> bool {
    server.settings.mail.is_none() && matches!(server.db.read(|tx| tx.any_unverified()), Ok(Some(_)))
}

/// Lets the families take part that wait for somebody to prove an address. Returns how many there were.
///
/// Addresses that nobody proved stay unproved; when mail goes out again, only families that are new are asked.
///
/// # Errors
/// `Unavailable`.
pub fn let_unverified_take_part(server: &Server) -> Result<u64, Problem> {
    let mut families = 0;
    // One at a time: each may concern many neighbours, and others want to write.
    while let Some(household) = server.db.read(|tx| tx.any_unverified())? {
        let now = server.clock.now();
        let heads = server.db.write(move |tx| take_part(tx, household, now))?;
        server.announce(&heads);
        families += 1;
    }
    Ok(families)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::rig::Rig;

    #[test]
    fn where_no_mail_goes_out_any_more_whoever_waits_for_a_code_takes_part_when_the_operator_says_so() {
        let rig = Rig::mailing();
        let households = [1, 2].map(|n| rig.owner(n).household);
        let waiting = |rig: &Rig| {
            households.map(|household| rig.server.db.read(move |tx| tx.is_unverified(household)).unwrap())
        };
        assert!(
            !is_somebody_waiting_in_vain(&rig.server),
            "they can still prove it"
        );
        let later = rig.without_mail();
        assert!(is_somebody_waiting_in_vain(&later));
        assert_eq!(waiting(&rig), [true, true], "nobody said so");
        assert_eq!(let_unverified_take_part(&later).unwrap(), 2);
        assert_eq!(waiting(&rig), [false, false]);
        assert!(!is_somebody_waiting_in_vain(&later));
        assert_eq!(let_unverified_take_part(&later).unwrap(), 0);
    }
}
