-- When a session was last used, in which kind of browser, and the session that it was left for.
ALTER TABLE sessions ADD COLUMN seen_at BIGINT;
ALTER TABLE sessions ADD COLUMN browser TEXT;
ALTER TABLE sessions ADD COLUMN left_for TEXT;
CREATE INDEX sessions_by_address ON sessions (address);
