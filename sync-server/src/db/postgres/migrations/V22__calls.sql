-- How often a session called what on a day, and how it went. Not one row per call: see `tally`.
CREATE TABLE calls (
    household_id uuid   NOT NULL,
    session_id   uuid   NOT NULL,
    day          bigint NOT NULL,
    what         text   COLLATE "C" NOT NULL,
    outcome      text   COLLATE "C" NOT NULL,
    count        bigint NOT NULL,
    PRIMARY KEY (household_id, session_id, day, what, outcome)
);
CREATE INDEX calls_by_day ON calls (day);
