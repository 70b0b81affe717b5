-- The owner who answers for a paired device: who made the code, or who answers for the device that made it. Empty for
-- what was paired before this was noted.
ALTER TABLE pairings ADD COLUMN made_by uuid;
ALTER TABLE sessions ADD COLUMN by_user uuid REFERENCES users (id);
CREATE INDEX sessions_by_user ON sessions (by_user);
