-- The same tables as in SQLite, in PostgreSQL's types. Where the columns are searched by household, the primary key
-- begins with it, so that the tables can be distributed by household (docs/scaling.md); an id that is looked up
-- without its household is unique besides. Columns that are only searched by are generated from `data`.
-- Words are compared byte by byte (COLLATE "C"), whatever the database's language is.

-- One row: which history this is. Random; another one after the database was put back to an earlier state.
CREATE TABLE epoch (
    one   boolean NOT NULL PRIMARY KEY CHECK (one),
    epoch bigint  NOT NULL
);

CREATE TABLE households (
    id           uuid   NOT NULL PRIMARY KEY,
    head_seq     bigint NOT NULL DEFAULT 0,
    clock        bigint NOT NULL DEFAULT 0,
    created_at   bigint NOT NULL,
    gc_floor     bigint NOT NULL DEFAULT 0,
    collected_at bigint NOT NULL DEFAULT 0,
    swipes       bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE users (
    household_id  uuid   NOT NULL REFERENCES households (id),
    id            uuid   NOT NULL UNIQUE,
    email         text   COLLATE "C" NOT NULL UNIQUE,
    name          text   NOT NULL,
    password_hash text   NOT NULL,
    created_at    bigint NOT NULL,
    PRIMARY KEY (household_id, id)
);

CREATE TABLE invitations (
    code       bytea  NOT NULL PRIMARY KEY,
    expires_at bigint NOT NULL,
    used_at    bigint
);

CREATE TABLE pairings (
    code         bytea  NOT NULL PRIMARY KEY,
    household_id uuid   NOT NULL REFERENCES households (id),
    role         text   COLLATE "C" NOT NULL,
    expires_at   bigint NOT NULL
);
CREATE INDEX pairings_by_end ON pairings (expires_at);
CREATE INDEX pairings_of_household ON pairings (household_id, expires_at);

CREATE TABLE devices (
    household_id uuid   NOT NULL REFERENCES households (id),
    id           uuid   NOT NULL UNIQUE,
    session_id   uuid,
    name         text   NOT NULL,
    last_mid     bigint NOT NULL,
    last_chain   bigint NOT NULL,
    last_hlc     bigint NOT NULL,
    cursor       bigint NOT NULL,
    seen_at      bigint NOT NULL,
    PRIMARY KEY (household_id, id)
) WITH (fillfactor = 70);

CREATE TABLE rejects (
    device_id uuid   NOT NULL REFERENCES devices (id),
    mid       bigint NOT NULL,
    problem   text   NOT NULL,
    PRIMARY KEY (device_id, mid)
);

CREATE TABLE sessions (
    household_id uuid   NOT NULL REFERENCES households (id),
    id           uuid   NOT NULL UNIQUE,
    user_id      uuid   REFERENCES users (id),
    device_id    uuid   NOT NULL REFERENCES devices (id),
    role         text   COLLATE "C" NOT NULL,
    token        bytea  NOT NULL UNIQUE,
    created_at   bigint NOT NULL,
    used_at      bigint NOT NULL,
    ended_at     bigint,
    PRIMARY KEY (household_id, id)
);
CREATE INDEX sessions_of_device ON sessions (device_id);

-- One note per row of a household, moved forward on change: state, not history.
CREATE TABLE feed (
    household_id uuid   NOT NULL,
    kind         text   COLLATE "C" NOT NULL,
    id           uuid   NOT NULL,
    seq          bigint NOT NULL,
    gone         boolean NOT NULL,
    PRIMARY KEY (household_id, kind, id)
);
CREATE INDEX feed_in_order ON feed (household_id, seq);
CREATE INDEX feed_of_removals ON feed (household_id, seq) WHERE gone;

-- When a field was last set to its careful value. Loosening it needs having seen that.
CREATE TABLE restrictions (
    household_id uuid   NOT NULL REFERENCES households (id),
    kind         text   COLLATE "C" NOT NULL,
    id           uuid   NOT NULL,
    field        text   COLLATE "C" NOT NULL,
    seq          bigint NOT NULL,
    device_id    uuid   NOT NULL,
    PRIMARY KEY (household_id, kind, id, field)
);

CREATE TABLE household_settings (
    household_id uuid    NOT NULL REFERENCES households (id),
    id           uuid    NOT NULL,
    data         jsonb   NOT NULL,
    stamps       text    NOT NULL,
    deleted      boolean NOT NULL,
    lat_c        bigint  GENERATED ALWAYS AS (
        CASE WHEN jsonb_typeof(data #> '{area,lat_c}') = 'number' THEN (data #>> '{area,lat_c}')::numeric::bigint END
    ) STORED,
    lon_c        bigint  GENERATED ALWAYS AS (
        CASE WHEN jsonb_typeof(data #> '{area,lon_c}') = 'number' THEN (data #>> '{area,lon_c}')::numeric::bigint END
    ) STORED,
    shared       boolean GENERATED ALWAYS AS (
        NOT deleted AND coalesce(jsonb_typeof(data -> 'share_consent'), 'null') <> 'null'
    ) STORED,
    PRIMARY KEY (household_id, id)
);
CREATE INDEX household_settings_by_place ON household_settings (lat_c, lon_c) WHERE shared;

CREATE TABLE children (
    household_id uuid    NOT NULL REFERENCES households (id),
    id           uuid    NOT NULL,
    data         jsonb   NOT NULL,
    stamps       text    NOT NULL,
    deleted      boolean NOT NULL,
    PRIMARY KEY (household_id, id)
);

CREATE TABLE pets (
    household_id uuid    NOT NULL REFERENCES households (id),
    id           uuid    NOT NULL UNIQUE,
    data         jsonb   NOT NULL,
    stamps       text    NOT NULL,
    deleted      boolean NOT NULL,
    visible      boolean GENERATED ALWAYS AS (
        NOT deleted AND coalesce(data -> 'visible' = 'true'::jsonb, false)
    ) STORED,
    PRIMARY KEY (household_id, id)
);

CREATE TABLE slots (
    household_id uuid    NOT NULL REFERENCES households (id),
    id           uuid    NOT NULL,
    data         jsonb   NOT NULL,
    stamps       text    NOT NULL,
    deleted      boolean NOT NULL,
    PRIMARY KEY (household_id, id)
);

CREATE TABLE exceptions (
    household_id uuid    NOT NULL REFERENCES households (id),
    id           uuid    NOT NULL,
    data         jsonb   NOT NULL,
    stamps       text    NOT NULL,
    deleted      boolean NOT NULL,
    PRIMARY KEY (household_id, id)
);

-- Swipes. No foreign key here and in the feed: they are by far the most rows, and the household's row is locked for the
-- commit's number anyway.
CREATE TABLE interactions (
    household_id uuid    NOT NULL,
    id           uuid    NOT NULL,
    data         jsonb   NOT NULL,
    stamps       text    NOT NULL,
    deleted      boolean NOT NULL,
    actor_pet    uuid    GENERATED ALWAYS AS (
        CASE WHEN data ->> 'actor_pet' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
             THEN (data ->> 'actor_pet')::uuid END
    ) STORED,
    PRIMARY KEY (household_id, id)
);
CREATE INDEX interactions_by_actor ON interactions (household_id, actor_pet);

CREATE TABLE decks (
    household_id uuid    NOT NULL REFERENCES households (id),
    pet_id       uuid    NOT NULL UNIQUE,
    built_at     bigint  NOT NULL,
    stale        boolean NOT NULL,
    generation   bigint  NOT NULL,
    PRIMARY KEY (household_id, pet_id)
) WITH (fillfactor = 70);

-- What a household may do only so often: how much of it was used since when.
CREATE TABLE quotas (
    household_id uuid    NOT NULL REFERENCES households (id),
    what         text    COLLATE "C" NOT NULL,
    since        bigint  NOT NULL,
    used         bigint  NOT NULL,
    PRIMARY KEY (household_id, what)
) WITH (fillfactor = 70);

CREATE TABLE cards (
    household_id uuid   NOT NULL REFERENCES households (id),
    id           uuid   NOT NULL,
    for_pet      uuid   NOT NULL,
    shown_pet    uuid   NOT NULL,
    rank         bigint NOT NULL,
    data         jsonb  NOT NULL,
    PRIMARY KEY (household_id, id)
);
CREATE INDEX cards_by_deck ON cards (for_pet, rank);
CREATE INDEX cards_by_shown_pet ON cards (shown_pet);

-- Of two households: `one` has the pet with the smaller id.
CREATE TABLE matches (
    id              uuid  NOT NULL PRIMARY KEY,
    household_one   uuid  NOT NULL REFERENCES households (id),
    household_other uuid  NOT NULL REFERENCES households (id),
    data            jsonb NOT NULL
);
CREATE INDEX matches_of_one ON matches (household_one);
CREATE INDEX matches_of_other ON matches (household_other);

CREATE TABLE playdates (
    id              uuid   NOT NULL PRIMARY KEY,
    match_id        uuid   NOT NULL REFERENCES matches (id),
    attempt         bigint NOT NULL,
    household_one   uuid   NOT NULL REFERENCES households (id),
    household_other uuid   NOT NULL REFERENCES households (id),
    state           text   COLLATE "C" NOT NULL,
    starts_at       bigint NOT NULL,
    ends_at         bigint NOT NULL,
    data            jsonb  NOT NULL,
    UNIQUE (match_id, attempt)
);
CREATE INDEX playdates_of_one ON playdates (household_one, ends_at);
CREATE INDEX playdates_of_other ON playdates (household_other, ends_at);
