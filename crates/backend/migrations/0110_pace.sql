-- How soon a policy that is switched on pays: 0 after a countdown that the buyer can cancel, 1 at once.
ALTER TABLE spend_policies ADD COLUMN pays_at_once BIGINT NOT NULL DEFAULT 0;
