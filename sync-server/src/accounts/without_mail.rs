//! What becomes of families that were asked to prove an address, where no mail goes out any more.

use romp_domain::Problem;

use crate::db::DbExt;
use crate::server::Server;
use crate::sync::take_part;

/// Lets the families take part that wait for somebody to prove an address, on a server that mails nobody a code. They
/// would wait for ever, and a family that registered now would not be asked. Returns how many there were.
///
/// Addresses that nobody proved stay unproved; when mail goes out again, only families that are new are asked.
///
/// # Errors
/// `Unavailable`.
pub fn let_unverified_take_part(server: &Server) -> Result<u64, Problem> {
    if server.settings.mail.is_some() {
        return Ok(0);
    }
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
    fn where_no_mail_goes_out_any_more_nobody_waits_for_a_code() {
        let rig = Rig::mailing();
        let households = [1, 2].map(|n| rig.owner(n).household);
        let waiting = |rig: &Rig| {
            households.map(|household| rig.server.db.read(move |tx| tx.is_unverified(household)).unwrap())
        };
        assert_eq!(waiting(&rig), [true, true]);
        assert_eq!(let_unverified_take_part(&rig.server).unwrap(), 0);
        assert_eq!(waiting(&rig), [true, true], "they can still prove it");
        let later = rig.without_mail();
        assert_eq!(let_unverified_take_part(&later).unwrap(), 2);
        assert_eq!(waiting(&rig), [false, false]);
        assert_eq!(let_unverified_take_part(&later).unwrap(), 0);
    }
}
