-- How often a session called what on a day, and how it went. Not one row per call: see `tally`.
CREATE TABLE calls (
    household_id BLOB    NOT NULL REFERENCES households (id),
    session_id   BLOB    NOT NULL,
    day          INTEGER NOT NULL,
    what         TEXT    NOT NULL,
    outcome      TEXT    NOT NULL,
    count        INTEGER NOT NULL,
    PRIMARY KEY (household_id, session_id, day, what, outcome)
) STRICT, WITHOUT ROWID;
CREATE INDEX calls_by_day ON calls (day);
