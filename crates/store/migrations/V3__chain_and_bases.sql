-- While everything is pulled anew: the row is from before and was not sent again yet.
ALTER TABLE row ADD COLUMN stale INTEGER NOT NULL DEFAULT 0;

-- The household's last commit that the device held when the change was made.
ALTER TABLE outbox ADD COLUMN base_seq INTEGER;

-- Set when the device's clock turned out to be wrong before the change was sent: what the clock by which it was
-- stamped would show now, minus what the device's shows.
ALTER TABLE outbox ADD COLUMN offset_ms INTEGER;
