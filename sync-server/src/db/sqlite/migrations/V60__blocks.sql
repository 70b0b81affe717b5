-- Blocks: rows of the family like any other. The id is that of a pet of the family that is kept away.
CREATE TABLE blocks (
    household_id BLOB    NOT NULL REFERENCES households (id),
    id           BLOB    NOT NULL,
    data         TEXT    NOT NULL,
    stamps       TEXT    NOT NULL,
    deleted      INTEGER NOT NULL,
    blocked      INTEGER GENERATED ALWAYS AS (NOT deleted AND coalesce(json_extract(data, '$.blocked'), 0)) VIRTUAL,
    PRIMARY KEY (household_id, id)
) STRICT, WITHOUT ROWID;
