-- Whether a deck's family has changed its own terms since cards were last chosen for them, and how many of its cards then
-- waited for a verdict. Of the decks that are there nobody knows: the next deal counts as an answer to a new question.
ALTER TABLE decks ADD COLUMN asks boolean NOT NULL DEFAULT true;
ALTER TABLE decks ADD COLUMN dealt bigint NOT NULL DEFAULT 0;
