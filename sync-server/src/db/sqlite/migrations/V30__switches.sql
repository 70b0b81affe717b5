-- Switches: rows of the family like any other, except that the server makes some of them.
CREATE TABLE switches (
    household_id BLOB    NOT NULL REFERENCES households (id),
    id           BLOB    NOT NULL,
    data         TEXT    NOT NULL,
    stamps       TEXT    NOT NULL,
    deleted      INTEGER NOT NULL,
    PRIMARY KEY (household_id, id)
) STRICT, WITHOUT ROWID;

-- How often something was done within one period (a day, a minute): cards a child decided on, choices of a session.
CREATE TABLE tallies (
    household_id BLOB    NOT NULL REFERENCES households (id),
    what         TEXT    NOT NULL,
    subject      BLOB    NOT NULL,
    period       INTEGER NOT NULL,
    used         INTEGER NOT NULL,
    PRIMARY KEY (household_id, what, subject)
) STRICT, WITHOUT ROWID;
