-- Switches: rows of the family like any other, except that the server makes some of them.
CREATE TABLE switches (
    household_id uuid    NOT NULL REFERENCES households (id),
    id           uuid    NOT NULL,
    data         jsonb   NOT NULL,
    stamps       text    NOT NULL,
    deleted      boolean NOT NULL,
    PRIMARY KEY (household_id, id)
);

-- How often something was done within one period (a day, a minute): cards a child decided on, choices of a session.
CREATE TABLE tallies (
    household_id uuid   NOT NULL REFERENCES households (id),
    what         text   NOT NULL,
    subject      uuid   NOT NULL,
    period       bigint NOT NULL,
    used         bigint NOT NULL,
    PRIMARY KEY (household_id, what, subject)
);
