-- Whose a logged choice was: a child's id, or nothing for an owner. What was logged before is not known to be anybody's,
-- and is taken for an owner's: nobody else takes it back.
ALTER TABLE swipe_log ADD COLUMN by_child TEXT;
