-- Whether a change waited until something was switched on again, and was stamped before others that went out earlier.
ALTER TABLE outbox ADD COLUMN waited INTEGER NOT NULL DEFAULT 0;
-- Of a change that is parked: its stamp as the server puts it right. By the time it goes out, the clock may be another.
ALTER TABLE outbox ADD COLUMN put_right INTEGER;
