-- Refused because it is switched off for now: it stays to be seen, and is sent again as a new change once that is over.
ALTER TABLE outbox ADD COLUMN parked INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_parked ON outbox (mid) WHERE parked = 1;
