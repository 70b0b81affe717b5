//! Invite: the operator lets one household in.

use romp_domain::Problem;
use romp_domain::time::DAY_MS;

use crate::db::DbExt;
use crate::secrets::{Secret, new_invitation};
use crate::server::Server;

/// Makes an invitation that works once, within `days` times 24 hours.
pub fn invite(server: &Server, days: u32) -> Result<Secret, Problem> {
    let (secret, code) = new_invitation(&*server.random);
    let ends = server.clock.now().plus_ms(i64::from(days).saturating_mul(DAY_MS));
    server.db.write(move |tx| tx.insert_invitation(&code, ends))?;
    Ok(secret)
}
