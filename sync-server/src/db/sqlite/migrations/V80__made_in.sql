-- The session that made a pairing code: what is switched off for it, its code does not do either. Empty for what was made
-- before this was noted.
ALTER TABLE pairings ADD COLUMN made_in BLOB;
