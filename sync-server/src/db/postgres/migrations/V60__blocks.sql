-- Blocks: rows of the family like any other. The id is that of a pet of the family that is kept away.
CREATE TABLE blocks (
    household_id uuid    NOT NULL REFERENCES households (id),
    id           uuid    NOT NULL,
    data         jsonb   NOT NULL,
    stamps       text    NOT NULL,
    deleted      boolean NOT NULL,
    blocked      boolean GENERATED ALWAYS AS (
        NOT deleted AND coalesce(data -> 'blocked' = 'true'::jsonb, false)
    ) STORED,
    PRIMARY KEY (household_id, id)
);
