-- The security log. Entries are added, and go when they are old or with their household; nothing changes one.
CREATE TABLE audit (
    household_id uuid   NOT NULL REFERENCES households (id),
    number       bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    at           bigint NOT NULL,
    event        text   COLLATE "C" NOT NULL,
    session_id   uuid,
    user_id      uuid,
    detail       text   NOT NULL,
    PRIMARY KEY (household_id, number)
);
CREATE INDEX audit_by_time ON audit (at);

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the security log is append-only';
END
$$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
