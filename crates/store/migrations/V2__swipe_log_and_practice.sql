-- The swipes of each deck in order, with what was there before: what undo takes back.
CREATE TABLE swipe_log (
    n       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    actor   BLOB    NOT NULL CHECK (length(actor) = 16),
    target  BLOB    NOT NULL CHECK (length(target) = 16),
    card    BLOB    NOT NULL CHECK (length(card) = 16),
    verdict TEXT    NOT NULL,
    before  TEXT
) STRICT;

CREATE INDEX swipe_log_by_actor ON swipe_log (actor, n);

-- Rows of the practice deck: they stay here, whatever happens, and go when the device joins a family.
ALTER TABLE row ADD COLUMN practice INTEGER NOT NULL DEFAULT 0;
