//! A database in a PostgreSQL of its own, gone with the measurement.

#[cfg(unix)]
pub(crate) use here::Postgres;
#[cfg(not(unix))]
pub(crate) use nowhere::Postgres;

#[cfg(unix)]
mod here {
    use romp_postgres_cluster::{Cluster, Database, measured_cluster};

    use crate::Outcome;
    use crate::process::SERVER_CORE;

    /// An empty database.
    pub(crate) struct Postgres {
        cluster: &'static Cluster,
        database: Database<'static>,
    }

    impl Postgres {
        /// A new one; starts PostgreSQL if it does not run yet.
        pub(crate) fn new() -> Outcome<Self> {
            let cluster = measured_cluster(SERVER_CORE).ok_or("there is no PostgreSQL here")?;
            Ok(Self {
                cluster,
                database: cluster.empty(),
            })
        }

        pub(crate) fn url(&self) -> &str {
            self.database.url()
        }

        /// The process that all others of PostgreSQL are started by.
        pub(crate) fn process(&self) -> u32 {
            self.cluster.process()
        }

        /// What the database takes on the disk, once everything is written there.
        pub(crate) fn disk_bytes(&self) -> Outcome<f64> {
            self.database.sql("CHECKPOINT");
            let said = self.database.sql("SELECT pg_database_size(current_database())");
            said.trim().parse().map_err(|_| format!("{said} is no size"))
        }
    }
}

#[cfg(not(unix))]
mod nowhere {
    use crate::Outcome;

    /// There is none.
    pub(crate) enum Postgres {}

    impl Postgres {
        pub(crate) fn new() -> Outcome<Self> {
            Err("PostgreSQL is measured on Unix only".into())
        }

        pub(crate) fn url(&self) -> &str {
            match *self {}
        }

        pub(crate) fn process(&self) -> u32 {
            match *self {}
        }

        pub(crate) fn disk_bytes(&self) -> Outcome<f64> {
            match *self {}
        }
    }
}
