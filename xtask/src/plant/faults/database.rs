//! What the server's database keeps: commits, the rows of one family, numbers.

use super::{DATABASE, POWER_CUTS_AND_FOLDERS, SERVER_POWER_CUTS, SYNC};
use crate::plant::fault::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "server-loses-fsync-setting",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/open.rs",
            find: "(\"synchronous\", 2)",
            plant: "(\"synchronous\", 1)",
        }],
        stages: &[DATABASE],
    },
    Fault {
        name: "every-swipe-is-said-to-be-new",
        edits: &[Edit {
            file: "sync-server/src/sync/work/swipes.rs",
            find: "is_new: row.is_none(),",
            plant: "is_new: true,",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "server-does-not-wait-for-the-disk",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/open.rs",
            find: "    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);\n",
            plant: "    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);\n    let _ = connection.pragma_update(None, \"synchronous\", \"off\");\n",
        }],
        stages: &[SERVER_POWER_CUTS],
    },
    Fault {
        name: "server-syncs-now-and-then",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/open.rs",
            find: "    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);\n",
            plant: "    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);\n    let _ = connection.pragma_update(None, \"synchronous\", \"normal\");\n",
        }],
        stages: &[SERVER_POWER_CUTS],
    },
    Fault {
        name: "server-ignores-a-failed-commit",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/writer.rs",
            find: "    connection.execute_batch(\"COMMIT\")?;\n    Ok(Some(answers))",
            plant: "    let _ = connection.execute_batch(\"COMMIT\");\n    Ok(Some(answers))",
        }],
        stages: &[DATABASE],
    },
    Fault {
        name: "server-answers-before-the-commit",
        edits: &[
            Edit {
                file: "sync-server/src/db/sqlite/writer.rs",
                find: "    connection.execute_batch(\"COMMIT\")?;\n    Ok(Some(answers))",
                plant: "    Ok(Some(answers))",
            },
            Edit {
                file: "sync-server/src/db/sqlite/writer.rs",
                find: "        let _ = answer.send(result);\n    }\n",
                plant: "        let _ = answer.send(result);\n    }\n    if !connection.is_autocommit() {\n        let _ = connection.execute_batch(\"COMMIT\");\n    }\n",
            },
        ],
        stages: &[DATABASE],
    },
    Fault {
        name: "refused-job-leaves-its-writes",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/writer.rs",
            find: "connection.prepare_cached(\"ROLLBACK TO job\")?.execute([])?;",
            plant: "",
        }],
        stages: &[DATABASE],
    },
    Fault {
        name: "failed-group-leaks-into-the-next",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/writer.rs",
            find: "        if !connection.is_autocommit() {\n            let _ = connection.execute_batch(\"ROLLBACK\");\n        }\n",
            plant: "",
        }],
        stages: &[DATABASE],
    },
    Fault {
        name: "rows-of-every-household",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/own_rows.rs",
            find: "\"SELECT data, stamps FROM\",\n        \"WHERE household_id = ?1 AND id = ?2\"",
            plant: "\"SELECT data, stamps FROM\",\n        \"WHERE ?1 IS NOT NULL AND id = ?2\"",
        }],
        stages: &[DATABASE, SYNC],
    },
    Fault {
        name: "another-familys-row-written",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/own_rows.rs",
            find: "deleted = ?5 WHERE household_id = ?1 AND id = ?2\"",
            plant: "deleted = ?5 WHERE ?1 IS NOT NULL AND id = ?2\"",
        }],
        stages: &[DATABASE, SYNC],
    },
    Fault {
        name: "feed-of-every-household",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/feed.rs",
            find: "WHERE household_id = ?1 AND seq > ?2 AND (gone",
            plant: "WHERE ?1 IS NOT NULL AND seq > ?2 AND (gone",
        }],
        stages: &[DATABASE],
    },
    Fault {
        name: "swipes-of-every-household",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/swipe_notes.rs",
            find: "FROM swipe_notes WHERE household_id = ?1 AND seq > ?2",
            plant: "FROM swipe_notes WHERE ?1 IS NOT NULL AND seq > ?2",
        }],
        stages: &[DATABASE],
    },
    Fault {
        name: "cards-of-every-household",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/server_rows.rs",
            find: "SELECT data FROM cards WHERE household_id = ?1 AND id = ?2",
            plant: "SELECT data FROM cards WHERE ?1 IS NOT NULL AND id = ?2",
        }],
        stages: &[DATABASE, SYNC],
    },
    Fault {
        name: "feed-begins-at-the-cursor",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/feed.rs",
            find: "AND seq > ?2 AND (gone = 0",
            plant: "AND seq >= ?2 AND (gone = 0",
        }],
        stages: &[DATABASE],
    },
    Fault {
        name: "page-cut-in-a-commit",
        edits: &[Edit {
            file: "sync-server/src/db/stored.rs",
            find: "Some(cut) => entries.retain(|entry| entry.seq < cut),",
            plant: "Some(cut) => entries.retain(|entry| entry.seq <= cut),",
        }],
        stages: &[DATABASE],
    },
    Fault {
        name: "large-commit-cut",
        edits: &[Edit {
            file: "sync-server/src/db/stored.rs",
            find: "Some(cut) if first == Some(cut) => return Page::Commit(cut),",
            plant: "Some(_) if first.is_none() => return Page::Commit(0),",
        }],
        stages: &[DATABASE],
    },
    Fault {
        name: "households-clock-goes-back",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/feed.rs",
            find: "clock = max(clock, ?2), swipes",
            plant: "clock = ?2, swipes",
        }],
        stages: &[DATABASE],
    },
    Fault {
        name: "gc-floor-goes-back",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/feed.rs",
            find: "SET gc_floor = max(gc_floor, ?2)",
            plant: "SET gc_floor = ?2",
        }],
        stages: &[DATABASE, SYNC],
    },
    Fault {
        name: "refusals-forgotten-too-early",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/devices.rs",
            find: "DELETE FROM rejects WHERE device_id = ?1 AND mid < ?2",
            plant: "DELETE FROM rejects WHERE device_id = ?1 AND mid <= ?2",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "quota-never-used-up",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/server_rows.rs",
            find: "THEN used + 1 ELSE 1 END",
            plant: "THEN used ELSE 1 END",
        }],
        stages: &[DATABASE],
    },
    Fault {
        name: "a-copy-that-is-done-may-be-gone",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/backup.rs",
            find: "    sync_folder(to).map_err(in_file(folder(to)))\n",
            plant: "    Ok(())\n",
        }],
        stages: &[POWER_CUTS_AND_FOLDERS],
    },
    Fault {
        name: "going-back-has-a-moment-without-a-database",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/backup.rs",
            find: "if fs::hard_link(database, &kept).is_err()\n",
            plant: "if kept.symlink_metadata().is_err()\n",
        }],
        stages: &[POWER_CUTS_AND_FOLDERS],
    },
    Fault {
        name: "how-often-it-was-opened-may-be-forgotten",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/witness.rs",
            find: "    file.sync_all()?;\n    fs::rename",
            plant: "    fs::rename",
        }],
        stages: &[POWER_CUTS_AND_FOLDERS],
    },
];
