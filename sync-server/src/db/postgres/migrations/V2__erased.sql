-- What stays of families whose account was deleted.

-- Their sessions' tokens, as hashes: so that a device that comes late is told to forget everything, too.
CREATE TABLE erased_tokens (
    token     bytea  NOT NULL PRIMARY KEY,
    erased_at bigint NOT NULL
);
CREATE INDEX erased_tokens_by_time ON erased_tokens (erased_at);

-- The random ids of their pets, and nothing else of them: other families know the ids, and a yes to such a pet must
-- never come to mean another one.
CREATE TABLE erased_pets (
    id uuid NOT NULL PRIMARY KEY
);

-- Nobody: stands in matches and playdates for the family that is gone.
INSERT INTO households (id, created_at) VALUES ('00000000-0000-0000-0000-000000000000', 0);
