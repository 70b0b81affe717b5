//! What holds when several servers share one database; and that a server cannot be told by its answers which database
//! it has.

mod differential;
mod pokes;
mod switches;
mod together;

use std::sync::Arc;

use super::tests::rig::Rig;
use crate::db::postgres::tests::{TestDb, fresh};

/// Two servers on one new database, unless `test` is to be skipped.
fn two_servers(test: &str) -> Option<(Arc<TestDb>, [Rig; 2])> {
    let db = fresh(test)?;
    let first = Rig::on(db.clone(), Rig::noon());
    let second = Rig::on(Arc::new(db.again()), first.clock.clone());
    Some((db, [first, second]))
}
