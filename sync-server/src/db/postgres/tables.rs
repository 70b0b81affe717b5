//! The tables and their steps: which have been taken, which are missing, and bringing a database up to date.

use std::collections::BTreeMap;

use tokio_postgres::Client;

use super::open_error::{OpenError, Place};

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::pedantic,
    reason = "generated code"
)]
mod embedded {
    refinery::embed_migrations!("src/db/postgres/migrations");
}

/// Brings the tables up to date, all steps in one transaction. Nobody else may do so meanwhile.
pub(super) async fn migrate(client: &mut Client, place: &Place) -> Result<(), OpenError> {
    let explained = |error: tokio_postgres::Error| place.explained(&error);
    let runner = embedded::migrations::runner();
    let known = known();
    let found = applied(client, place).await?;
    if found > known {
        return Err(OpenError::Newer {
            name: place.name.clone(),
            found,
            known,
        });
    }
    if let Some(step) = amiss(client, found, &runner).await.map_err(explained)? {
        return Err(OpenError::Between {
            name: place.name.clone(),
            step,
        });
    }
    if found < known {
        runner.set_grouped(true).run_async(client).await?;
    }
    Ok(())
}

/// The last step that this program knows.
pub(super) fn known() -> i64 {
    let runner = embedded::migrations::runner();
    let versions = runner.get_migrations().iter();
    versions.map(|step| i64::from(step.version())).max().unwrap_or(0)
}

/// The version of the tables, whoever made them. A constant, because it is asked now and then.
pub(super) const VERSION: &str = "SELECT coalesce(max(version), 0)::bigint FROM refinery_schema_history";

/// The first step that should have been taken on the way to where the tables are, and was not, or was another one.
async fn amiss(
    client: &Client,
    found: i64,
    runner: &refinery::Runner,
) -> Result<Option<i64>, tokio_postgres::Error> {
    if found == 0 {
        return Ok(None);
    }
    let taken: BTreeMap<i64, String> = client
        .query(
            "SELECT version::bigint, checksum FROM refinery_schema_history",
            &[],
        )
        .await?
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    let mut steps: Vec<_> = runner.get_migrations().iter().collect();
    steps.sort();
    let steps = steps
        .into_iter()
        .map(|step| (i64::from(step.version()), step.checksum().to_string()));
    Ok(steps
        .take_while(|(version, _)| *version <= found)
        .find(|(version, checksum)| taken.get(version) != Some(checksum))
        .map(|(version, _)| version))
}

/// The version of the tables; 0 for an empty database.
async fn applied(client: &Client, place: &Place) -> Result<i64, OpenError> {
    let explained = |error: tokio_postgres::Error| place.explained(&error);
    let tables = client
        .query_one(
            "SELECT count(*), coalesce(bool_or(tablename = 'refinery_schema_history'), false),
                    coalesce(bool_or(tablename = 'household_settings'), false)
             FROM pg_catalog.pg_tables WHERE schemaname = current_schema()",
            &[],
        )
        .await
        .map_err(explained)?;
    let (count, has_history, is_ours): (i64, bool, bool) = (tables.get(0), tables.get(1), tables.get(2));
    // A history alone is what is left of a first start that was cut short.
    if count > 0 && !is_ours && !(has_history && count == 1) {
        return Err(OpenError::Foreign {
            name: place.name.clone(),
        });
    }
    if !has_history {
        return Ok(0);
    }
    let version = client.query_one(VERSION, &[]).await.map_err(explained)?;
    Ok(version.get(0))
}
