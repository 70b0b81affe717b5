-- Whether a deck's family has changed its own terms since cards were last chosen for them, and how many of its cards then
-- waited for a verdict. Of the decks that are there nobody knows: the next deal counts as an answer to a new question.
ALTER TABLE decks ADD COLUMN asks INTEGER NOT NULL DEFAULT 1;
ALTER TABLE decks ADD COLUMN dealt INTEGER NOT NULL DEFAULT 0;
