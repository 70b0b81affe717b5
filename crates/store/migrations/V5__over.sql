-- What is seen of a row is what the server has of it, unless something is laid over that: nearly every row was stored
-- twice. "over" is what is seen instead, empty where nothing is to be seen, NULL where nothing is laid over.
ALTER TABLE row RENAME COLUMN shown TO over;
UPDATE row SET over = CASE WHEN over IS NULL THEN '' WHEN over = base THEN NULL ELSE over END;
ALTER TABLE row ADD COLUMN shown TEXT
    GENERATED ALWAYS AS (CASE over WHEN '' THEN NULL ELSE coalesce(over, base) END) VIRTUAL;
