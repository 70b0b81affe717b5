//! How the app stands: role, account, connection, what waits and what was refused.

use romp_domain::time::MINUTE_MS;
use romp_domain::view::{AccountView, Connection, RefusedView, Status};
use romp_domain::{ErrorCode, Problem, UtcMs};

use crate::switches::off_here;
use crate::{App, gate};

/// What a person is told while the vault does not have the session's token.
const UNKEPT: &str = "The session cannot be kept: you will have to sign in again next time.";
/// While the server answers, changes older than this should have gone out, and an exchange should have been completed.
const STALLED_AFTER_MS: i64 = 10 * MINUTE_MS;

/// How the app stands.
pub(crate) fn status(app: &App) -> Result<Status, Problem> {
    let now = app.now();
    let gate = gate::view(app)?;
    app.store.read(|reader| {
        let account = reader.account()?;
        let connection = match account {
            None => Connection::NotJoined,
            Some(_) => app.link.connection(),
        };
        let pending = reader.pending()?;
        let refused = reader.refused()?.into_iter().map(|refused| RefusedView {
            mid: refused.mid,
            kind: refused.kind,
            message: told(refused.problem),
        });
        let long_ago = |at: UtcMs| now.since_ms(at) > STALLED_AFTER_MS;
        let last_sync = reader.last_sync()?;
        // Not since the last complete exchange alone: a device that has been off or asleep is only about to catch up.
        // Nor by one that was by a clock that is put right since: it is yet to come.
        let last = last_sync.filter(|last| now.since_ms(*last) >= 0);
        let gets_nowhere = app
            .link
            .hears_since(now)
            .is_some_and(|since| long_ago(last.map_or(since, |last| last.max(since))));
        Ok(Status {
            role: reader.role()?,
            account: account.map(|account| AccountView {
                server: account.server,
                email: account.email.filter(|_| gate.handed.is_none()),
                device: account.device.filter(|_| gate.handed.is_none()),
            }),
            connection,
            pending: pending.count,
            oldest_pending: pending.oldest,
            last_sync,
            problem: match app.link.problem() {
                None if app.link.is_unkept() && gate.handed.is_none() => Some(UNKEPT.to_owned()),
                None if reader.was_erased()? => Some(ErrorCode::AccountGone.sentence().to_owned()),
                // What the server said may be meant for the owner.
                problem if gate.handed.is_some() => problem.map(|_| ErrorCode::Offline.sentence().to_owned()),
                problem => problem,
            },
            gate,
            stalled: gets_nowhere || (app.link.answers() && pending.oldest.is_some_and(long_ago)),
            refused: refused.collect(),
            waiting: reader.parked_count()?,
            switched_off: off_here(app, &reader)?,
            secrets: app.vault.kind(),
            now,
            clock_off_ms: reader.time(now)?.since_ms(now),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    })
}

/// Why a change was refused, and whether a part of it was not.
fn told(problem: Problem) -> String {
    let mut told = problem.message;
    if !problem.refused.is_empty() {
        told.push_str(" What hides, pauses or takes back in it was accepted.");
    }
    told
}

/// Forgets the refused changes that the person has read.
pub(crate) fn dismiss_refused(app: &App) -> Result<(), Problem> {
    app.store.write(|writer| writer.dismiss_refused())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use romp_domain::time::HOUR_MS;

    use crate::testing::Device;

    #[tokio::test]
    async fn a_page_is_told_how_wrong_the_devices_clock_is_once_the_server_was_heard() {
        let device = Device::registered().await;
        device.sync().await;
        let off = async || device.status().await.clock_off_ms;
        assert_eq!(off().await, 0);
        device.clock.advance_ms(3 * HOUR_MS);
        assert_eq!(off().await, 0, "nobody knows better");
        device.sync().await;
        assert_eq!(off().await, -3 * HOUR_MS);
    }
}
