-- Since when nobody reports what runs: what was reported before is not shown as how it is now.
ALTER TABLE orders ADD COLUMN unreported_since BIGINT;
