-- The security log. Entries are added, and go when they are old or with their household; nothing changes one.
CREATE TABLE audit (
    number       INTEGER NOT NULL PRIMARY KEY,
    household_id BLOB    NOT NULL REFERENCES households (id),
    at           INTEGER NOT NULL,
    event        TEXT    NOT NULL,
    session_id   BLOB,
    user_id      BLOB,
    detail       TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_of_household ON audit (household_id, number);
CREATE INDEX audit_by_time ON audit (at);

CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
BEGIN
    SELECT raise(ABORT, 'the security log is append-only');
END;
