-- Hours that Console was last told a deployment may live, where that is more than at its creation.
ALTER TABLE orders ADD COLUMN runtime_limit_hours BIGINT;
