-- Every row of a household is found by household_id first, so that the tables can be split by household later.
-- Ids are 16 bytes, times are UTC milliseconds, `data` is JSON. Columns that are only searched by are generated from
-- `data`: they cannot say anything else than the row.

-- "Rmps": tells this file from other programs' databases.
PRAGMA application_id = 0x526D7073;

-- One row: which history this is, random, another one after the file was put back to an earlier state, 0 before it is
-- known; and how often the file was opened and closed.
CREATE TABLE epoch (
    one    INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    epoch  INTEGER NOT NULL,
    opened INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE households (
    id           BLOB    NOT NULL PRIMARY KEY,
    head_seq     INTEGER NOT NULL DEFAULT 0,
    clock        INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    gc_floor     INTEGER NOT NULL DEFAULT 0,
    collected_at INTEGER NOT NULL DEFAULT 0,
    swipes       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    id            BLOB    NOT NULL PRIMARY KEY,
    household_id  BLOB    NOT NULL REFERENCES households (id),
    email         TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX users_of_household ON users (household_id);

CREATE TABLE invitations (
    code       BLOB    NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE pairings (
    code         BLOB    NOT NULL PRIMARY KEY,
    household_id BLOB    NOT NULL REFERENCES households (id),
    role         TEXT    NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pairings_by_end ON pairings (expires_at);
CREATE INDEX pairings_of_household ON pairings (household_id, expires_at);

CREATE TABLE devices (
    id           BLOB    NOT NULL PRIMARY KEY,
    household_id BLOB    NOT NULL REFERENCES households (id),
    session_id   BLOB,
    name         TEXT    NOT NULL,
    last_mid     INTEGER NOT NULL,
    last_chain   INTEGER NOT NULL,
    last_hlc     INTEGER NOT NULL,
    cursor       INTEGER NOT NULL,
    seen_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_of_household ON devices (household_id);

CREATE TABLE rejects (
    device_id BLOB    NOT NULL REFERENCES devices (id),
    mid       INTEGER NOT NULL,
    problem   TEXT    NOT NULL,
    PRIMARY KEY (device_id, mid)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id           BLOB    NOT NULL PRIMARY KEY,
    household_id BLOB    NOT NULL REFERENCES households (id),
    user_id      BLOB    REFERENCES users (id),
    device_id    BLOB    NOT NULL REFERENCES devices (id),
    role         TEXT    NOT NULL,
    token        BLOB    NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    used_at      INTEGER NOT NULL,
    ended_at     INTEGER
) STRICT;
CREATE INDEX sessions_of_household ON sessions (household_id);
CREATE INDEX sessions_of_device ON sessions (device_id);

-- One note per row of a household, moved forward on change: state, not history.
CREATE TABLE feed (
    household_id BLOB    NOT NULL,
    kind         TEXT    NOT NULL,
    id           BLOB    NOT NULL,
    seq          INTEGER NOT NULL,
    gone         INTEGER NOT NULL,
    PRIMARY KEY (household_id, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_in_order ON feed (household_id, seq);
CREATE INDEX feed_of_removals ON feed (household_id, seq) WHERE gone = 1;

-- When a field was last set to its careful value. Loosening it needs having seen that.
CREATE TABLE restrictions (
    household_id BLOB    NOT NULL REFERENCES households (id),
    kind         TEXT    NOT NULL,
    id           BLOB    NOT NULL,
    field        TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    device_id    BLOB    NOT NULL,
    PRIMARY KEY (household_id, kind, id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE household_settings (
    household_id BLOB    NOT NULL REFERENCES households (id),
    id           BLOB    NOT NULL,
    data         TEXT    NOT NULL,
    stamps       TEXT    NOT NULL,
    deleted      INTEGER NOT NULL,
    lat_c        INTEGER GENERATED ALWAYS AS (json_extract(data, '$.area.lat_c')) VIRTUAL,
    lon_c        INTEGER GENERATED ALWAYS AS (json_extract(data, '$.area.lon_c')) VIRTUAL,
    shared       INTEGER GENERATED ALWAYS AS (NOT deleted AND json_extract(data, '$.share_consent') IS NOT NULL) VIRTUAL,
    PRIMARY KEY (household_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX household_settings_by_place ON household_settings (shared, lat_c, lon_c);

CREATE TABLE children (
    household_id BLOB    NOT NULL REFERENCES households (id),
    id           BLOB    NOT NULL,
    data         TEXT    NOT NULL,
    stamps       TEXT    NOT NULL,
    deleted      INTEGER NOT NULL,
    PRIMARY KEY (household_id, id)
) STRICT, WITHOUT ROWID;

-- Not WITHOUT ROWID: a pet's row is larger than the quarter of a page that such tables keep in place.
CREATE TABLE pets (
    household_id BLOB    NOT NULL REFERENCES households (id),
    id           BLOB    NOT NULL UNIQUE,
    data         TEXT    NOT NULL,
    stamps       TEXT    NOT NULL,
    deleted      INTEGER NOT NULL,
    species      TEXT    GENERATED ALWAYS AS (json_extract(data, '$.species')) VIRTUAL,
    visible      INTEGER GENERATED ALWAYS AS (NOT deleted AND coalesce(json_extract(data, '$.visible'), 0)) VIRTUAL,
    PRIMARY KEY (household_id, id)
) STRICT;

CREATE TABLE slots (
    household_id BLOB    NOT NULL REFERENCES households (id),
    id           BLOB    NOT NULL,
    data         TEXT    NOT NULL,
    stamps       TEXT    NOT NULL,
    deleted      INTEGER NOT NULL,
    PRIMARY KEY (household_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE exceptions (
    household_id BLOB    NOT NULL REFERENCES households (id),
    id           BLOB    NOT NULL,
    data         TEXT    NOT NULL,
    stamps       TEXT    NOT NULL,
    deleted      INTEGER NOT NULL,
    PRIMARY KEY (household_id, id)
) STRICT, WITHOUT ROWID;

-- Swipes: by far the most rows, so each field has a column, and the fields' stamps are packed (see swipes.rs). NULL is
-- "null" for a field that has a stamp, and "never set" for one that has none. No foreign key here and in the feed: the
-- household's row was locked for the commit's number, and looking it up again for each row is a third of the work.
CREATE TABLE interactions (
    household_id BLOB    NOT NULL,
    id           BLOB    NOT NULL,
    actor_pet    BLOB,
    target_pet   BLOB,
    verdict      TEXT,
    by_child     BLOB,
    released     TEXT,
    deleted      INTEGER,
    stamps       BLOB    NOT NULL,
    PRIMARY KEY (household_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE decks (
    pet_id       BLOB    NOT NULL PRIMARY KEY,
    household_id BLOB    NOT NULL REFERENCES households (id),
    built_at     INTEGER NOT NULL,
    stale        INTEGER NOT NULL,
    generation   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX decks_of_household ON decks (household_id);

-- What a household may do only so often: how much of it was used since when.
CREATE TABLE quotas (
    household_id BLOB    NOT NULL REFERENCES households (id),
    what         TEXT    NOT NULL,
    since        INTEGER NOT NULL,
    used         INTEGER NOT NULL,
    PRIMARY KEY (household_id, what)
) STRICT, WITHOUT ROWID;

CREATE TABLE cards (
    household_id BLOB    NOT NULL REFERENCES households (id),
    id           BLOB    NOT NULL,
    for_pet      BLOB    NOT NULL,
    shown_pet    BLOB    NOT NULL,
    rank         INTEGER NOT NULL,
    data         TEXT    NOT NULL,
    PRIMARY KEY (household_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cards_by_deck ON cards (for_pet, rank);
CREATE INDEX cards_by_shown_pet ON cards (shown_pet);

-- Of two households: `one` has the pet with the smaller id.
CREATE TABLE matches (
    id              BLOB NOT NULL PRIMARY KEY,
    household_one   BLOB NOT NULL REFERENCES households (id),
    household_other BLOB NOT NULL REFERENCES households (id),
    data            TEXT NOT NULL
) STRICT;
CREATE INDEX matches_of_one ON matches (household_one);
CREATE INDEX matches_of_other ON matches (household_other);

CREATE TABLE playdates (
    id              BLOB    NOT NULL PRIMARY KEY,
    match_id        BLOB    NOT NULL REFERENCES matches (id),
    attempt         INTEGER NOT NULL,
    household_one   BLOB    NOT NULL REFERENCES households (id),
    household_other BLOB    NOT NULL REFERENCES households (id),
    state           TEXT    NOT NULL,
    starts_at       INTEGER NOT NULL,
    ends_at         INTEGER NOT NULL,
    data            TEXT    NOT NULL,
    UNIQUE (match_id, attempt)
) STRICT;
CREATE INDEX playdates_of_one ON playdates (household_one, ends_at);
CREATE INDEX playdates_of_other ON playdates (household_other, ends_at);
