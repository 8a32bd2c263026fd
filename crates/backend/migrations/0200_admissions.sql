-- How often something rare and dear was done, by whom it was done and in which window of time, which ends at that
-- instant (Unix seconds). Counted here so that all processes share one count.
CREATE TABLE admissions (
    action  TEXT   NOT NULL,
    who     TEXT   NOT NULL,
    ends_at BIGINT NOT NULL,
    number  BIGINT NOT NULL,
    PRIMARY KEY (action, who, ends_at)
);
CREATE INDEX admissions_by_end ON admissions (ends_at);
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX sessions_by_visitor ON sessions (visitor);
CREATE INDEX challenges_by_end ON challenges (expires_at);
