-- Whether a change waited until something was switched on again, and was stamped before others that went out earlier.
ALTER TABLE outbox ADD COLUMN waited INTEGER NOT NULL DEFAULT 0;
