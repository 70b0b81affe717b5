-- Owners prove their addresses, forget their passwords, and invite each other.

-- When a code proved that the address is theirs, and since when they belong to the family. Whoever is in a family so
-- far belongs to it.
ALTER TABLE users ADD COLUMN verified_at bigint;
ALTER TABLE users ADD COLUMN confirmed_at bigint;
UPDATE users SET confirmed_at = created_at;

-- Families of which nobody has proved an address yet, although that was asked: they count as not sharing. A table of
-- its own, because everybody reads it and a family's own row changes with each of its commits.
CREATE TABLE unverified (
    household_id uuid   NOT NULL PRIMARY KEY REFERENCES households (id),
    since        bigint NOT NULL
);

-- Codes that were mailed, as hashes.
CREATE TABLE mail_codes (
    code         bytea  NOT NULL PRIMARY KEY,
    household_id uuid   NOT NULL REFERENCES households (id),
    user_id      uuid   NOT NULL REFERENCES users (id),
    purpose      text   COLLATE "C" NOT NULL,
    expires_at   bigint NOT NULL
);
CREATE INDEX mail_codes_of_user ON mail_codes (user_id, purpose);
CREATE INDEX mail_codes_by_end ON mail_codes (expires_at);
CREATE INDEX mail_codes_of_household ON mail_codes (household_id);

-- Invitations to a family, as hashes.
CREATE TABLE owner_invitations (
    code         bytea  NOT NULL PRIMARY KEY,
    household_id uuid   NOT NULL REFERENCES households (id),
    expires_at   bigint NOT NULL
);
CREATE INDEX owner_invitations_of_household ON owner_invitations (household_id, expires_at);

CREATE INDEX sessions_of_user ON sessions (user_id);
