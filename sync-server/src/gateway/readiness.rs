//! Whether this server should be sent requests: its database answers, takes writes as far as is known, and nobody asked
//! the server to stop. That the process lives is another question; it does so when its database does not.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::{ErrorCode, HouseholdId, Problem};

use super::{Refusal, run};
use crate::db::DbExt;
use crate::server::Server;

/// A database that takes longer is not there.
const PATIENCE: Duration = Duration::from_secs(5);

/// Succeeds when the server is ready.
pub(crate) async fn ready(server: Arc<Server>) -> Result<(), Refusal> {
    if server.stopping.load(Ordering::SeqCst) {
        return Err(ErrorCode::Unavailable.into());
    }
    match tokio::time::timeout(PATIENCE, run(server, look)).await {
        Ok(looked) => looked,
        Err(_) => Err(ErrorCode::Unavailable.into()),
    }
}

/// Reads something; after a write that failed, also writes something, which changes nothing. So it is found out that
/// there is room again without a request having to fail.
fn look(server: &Server) -> Result<(), Problem> {
    let nobody = HouseholdId(HOUSEHOLD_ROW);
    server.db.read(move |tx| tx.household(nobody))?;
    if server.writes_fail.load(Ordering::SeqCst) {
        server.db.write(|tx| {
            let epoch = tx.epoch()?;
            tx.set_epoch(epoch)
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use serde_json::json;

    use super::*;
    use crate::accounts::rig::Rig;
    use crate::db::{Answer, Db, Fault, Job};
    use crate::env::SystemRandom;
    use crate::routes::tests::status_of as ask;
    use crate::server::Settings;

    /// A database that is there, full, or away.
    struct Ailing {
        inner: Arc<dyn Db>,
        full: AtomicBool,
        away: AtomicBool,
    }

    impl Ailing {
        fn check(&self, writes: bool) -> Result<(), Fault> {
            let ails = self.away.load(Ordering::SeqCst) || (writes && self.full.load(Ordering::SeqCst));
            if ails {
                Err(Fault::Backend("database or disk is full".into()))
            } else {
                Ok(())
            }
        }
    }

    impl Db for Ailing {
        fn run_write(&self, job: Job) -> Result<Answer, Fault> {
            self.check(true)?;
            self.inner.run_write(job)
        }

        fn run_read(&self, job: Job) -> Result<Answer, Fault> {
            self.check(false)?;
            self.inner.run_read(job)
        }
    }

    async fn statuses(server: &Arc<Server>, token: &str) -> [u16; 3] {
        let push = json!({"protocol": 2, "cursor": 0, "clock": 0, "mutations": [{
            "mid": 1, "hlc": 1 << 16, "kind": "child", "id": "00000000-0000-0000-0000-000000000007", "op": "patch",
            "fields": {"nickname": "Mia", "avatar": "fox", "age_band": "7-9"}
        }]});
        [
            ask(server, "GET", "/health/live", None, &json!({})).await,
            ask(server, "GET", "/health/ready", None, &json!({})).await,
            ask(server, "POST", "/v1/sync", Some(token), &push).await,
        ]
    }

    #[tokio::test]
    async fn row_36_a_full_or_absent_database_makes_the_server_unready_until_it_is_well_again() {
        let rig = Rig::new();
        let token = rig.owner(1).token;
        let ailing = Arc::new(Ailing {
            inner: rig.server.db.clone(),
            full: AtomicBool::default(),
            away: AtomicBool::default(),
        });
        let server = Server::new(
            ailing.clone(),
            rig.server.clock.clone(),
            Arc::new(SystemRandom),
            Settings::default(),
        );
        for what in [&ailing.full, &ailing.away] {
            assert_eq!(statuses(&server, &token).await, [200, 200, 200]);
            what.store(true, Ordering::SeqCst);
            assert_eq!(statuses(&server, &token).await[2], 503);
            assert_eq!(statuses(&server, &token).await, [200, 503, 503]);
            what.store(false, Ordering::SeqCst);
            assert_eq!(
                statuses(&server, &token).await,
                [200, 200, 200],
                "nobody had to help"
            );
        }
    }

    #[tokio::test]
    async fn row_35_a_server_that_was_asked_to_stop_is_not_ready_and_lives() {
        let rig = Rig::new();
        let token = rig.owner(1).token;
        rig.server.stopping.store(true, Ordering::SeqCst);
        assert_eq!(statuses(&rig.server, &token).await, [200, 503, 200]);
    }
}
