-- Owners prove their addresses, forget their passwords, and invite each other.

-- When a code proved that the address is theirs, and since when they belong to the family. Whoever is in a family so
-- far belongs to it.
ALTER TABLE users ADD COLUMN verified_at INTEGER;
ALTER TABLE users ADD COLUMN confirmed_at INTEGER;
UPDATE users SET confirmed_at = created_at;

-- Families of which nobody has proved an address yet, although that was asked: they count as not sharing. A table of
-- its own, because everybody reads it and a family's own row changes with each of its commits.
CREATE TABLE unverified (
    household_id BLOB    NOT NULL PRIMARY KEY REFERENCES households (id),
    since        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Codes that were mailed, as hashes.
CREATE TABLE mail_codes (
    code         BLOB    NOT NULL PRIMARY KEY,
    household_id BLOB    NOT NULL REFERENCES households (id),
    user_id      BLOB    NOT NULL REFERENCES users (id),
    purpose      TEXT    NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_codes_of_user ON mail_codes (user_id, purpose);
CREATE INDEX mail_codes_by_end ON mail_codes (expires_at);
CREATE INDEX mail_codes_of_household ON mail_codes (household_id);

-- Invitations to a family, as hashes.
CREATE TABLE owner_invitations (
    code         BLOB    NOT NULL PRIMARY KEY,
    household_id BLOB    NOT NULL REFERENCES households (id),
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX owner_invitations_of_household ON owner_invitations (household_id, expires_at);

CREATE INDEX sessions_of_user ON sessions (user_id);
