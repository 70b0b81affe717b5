-- A swipe's note in the feed, and the last restriction of its release, stand in its own row. Swipes are nearly all that
-- is ever stored, and each is now written in two places (its row, and the order of the feed) instead of four.
ALTER TABLE interactions ADD COLUMN seq INTEGER;
ALTER TABLE interactions ADD COLUMN withheld_seq INTEGER;
ALTER TABLE interactions ADD COLUMN withheld_by BLOB;

UPDATE interactions SET seq = f.seq FROM feed f
WHERE f.household_id = interactions.household_id AND f.kind = 'swipe' AND f.id = interactions.id;
UPDATE interactions SET withheld_seq = r.seq, withheld_by = r.device_id FROM restrictions r
WHERE r.household_id = interactions.household_id AND r.kind = 'swipe' AND r.id = interactions.id
  AND r.field = 'released';
DELETE FROM feed WHERE kind = 'swipe';
DELETE FROM restrictions WHERE kind = 'swipe' AND field = 'released';

-- With everything that a note says, so that listing them reads nothing else.
CREATE INDEX interactions_in_order ON interactions (household_id, seq, id, deleted);
CREATE INDEX interactions_of_removals ON interactions (household_id, seq) WHERE deleted = 1;
