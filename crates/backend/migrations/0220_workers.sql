-- The processes that work on jobs. Each is alive until a moment that it moves on as it goes; past it,
-- others take over everything that it claimed, at once.
CREATE TABLE workers (
    id             TEXT   NOT NULL PRIMARY KEY,
    version        TEXT   NOT NULL,
    started_ms     BIGINT NOT NULL,
    alive_until_ms BIGINT NOT NULL
);

-- Who works on the job; NULL while nobody does.
ALTER TABLE jobs ADD COLUMN claimed_by TEXT;

-- 1: the regular look at an order for which nothing in particular waits.
ALTER TABLE jobs ADD COLUMN routine BIGINT NOT NULL DEFAULT 0;

DROP INDEX jobs_due;
CREATE INDEX jobs_free ON jobs (kind, routine, due_ms) WHERE claimed_by IS NULL AND dead = 0;
CREATE INDEX jobs_claimed ON jobs (claimed_by) WHERE claimed_by IS NOT NULL;
