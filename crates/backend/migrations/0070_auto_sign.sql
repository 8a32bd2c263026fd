-- Auto-sign: the policies buyers signed, of which each has one switched on at most, and what an
-- order owes to its buyer's own hand.
CREATE TABLE spend_policies (
    digest    TEXT   NOT NULL PRIMARY KEY,
    buyer     TEXT   NOT NULL,
    policy    TEXT   NOT NULL,
    signature TEXT   NOT NULL,
    is_on     BIGINT NOT NULL,
    armed_at  BIGINT NOT NULL
);
CREATE INDEX spend_policies_by_buyer ON spend_policies (buyer, is_on);

ALTER TABLE orders ADD COLUMN confirmed TEXT NOT NULL DEFAULT '[]';
ALTER TABLE orders ADD COLUMN auto_sign TEXT;
