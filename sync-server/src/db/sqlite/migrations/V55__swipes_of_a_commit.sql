-- Which swipes a commit was the last to change, in one row instead of an entry of an index for each: a push is a hundred
-- swipes, and their places in the feed were a third of what storing them cost. A swipe is in the list of the commit that
-- its row names, and in no other. Not WITHOUT ROWID: the lists are larger than what such tables keep in place.
CREATE TABLE swipe_notes (
    household_id BLOB    NOT NULL,
    seq          INTEGER NOT NULL,
    ids          BLOB    NOT NULL,
    PRIMARY KEY (household_id, seq)
) STRICT;

INSERT INTO swipe_notes (household_id, seq, ids)
SELECT household_id, seq, unhex(group_concat(hex(id), '' ORDER BY id)) FROM interactions
WHERE seq IS NOT NULL GROUP BY household_id, seq;

DROP INDEX interactions_in_order;
