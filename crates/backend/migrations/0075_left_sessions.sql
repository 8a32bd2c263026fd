-- When a visitor left an anonymous session by signing in.
ALTER TABLE sessions ADD COLUMN left_at BIGINT;
