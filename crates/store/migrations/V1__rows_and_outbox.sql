-- "ROMP": tells our file from any other database.
PRAGMA application_id = 1380928848;

-- Rows as the server has them (base) and as the person sees them (shown: base with the unconfirmed
-- mutations laid over). NULL base: the server has no such row. NULL shown: there is nothing to see.
CREATE TABLE row (
    kind  TEXT    NOT NULL,
    id    BLOB    NOT NULL CHECK (length(id) = 16),
    seq   INTEGER NOT NULL DEFAULT 0,
    base  TEXT,
    shown TEXT,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- Every change made here, numbered without gaps. Kept for a while after the server has it, so that a server
-- that lost its newest data can be given them again.
CREATE TABLE outbox (
    mid        INTEGER NOT NULL PRIMARY KEY,
    hlc        INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    op         TEXT    NOT NULL,
    made_at    INTEGER NOT NULL,
    state      TEXT    NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'acked', 'rejected')),
    ack_seq    INTEGER,
    settled_at INTEGER,
    problem    TEXT,
    dismissed  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX outbox_by_row ON outbox (kind, id, mid);
CREATE INDEX outbox_by_state ON outbox (state, mid);

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
