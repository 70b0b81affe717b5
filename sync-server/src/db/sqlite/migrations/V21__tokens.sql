-- The next token of a session, handed out and not used yet; and those it had before, so that the use of a copy is seen.
ALTER TABLE sessions ADD COLUMN next_token BLOB;
CREATE UNIQUE INDEX sessions_by_next_token ON sessions (next_token) WHERE next_token IS NOT NULL;

CREATE TABLE retired_tokens (
    token        BLOB    NOT NULL PRIMARY KEY,
    household_id BLOB    NOT NULL REFERENCES households (id),
    session_id   BLOB    NOT NULL REFERENCES sessions (id),
    retired_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX retired_tokens_of_session ON retired_tokens (session_id);
CREATE INDEX retired_tokens_of_household ON retired_tokens (household_id);
