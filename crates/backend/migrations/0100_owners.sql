-- The account that an order belongs to; while it is NULL, the order belongs to the browser in
-- `visitor`. The session that was left by signing in, and the version that the order had then.
ALTER TABLE orders ADD COLUMN owner TEXT;
ALTER TABLE orders ADD COLUMN left_session TEXT;
ALTER TABLE orders ADD COLUMN left_version BIGINT;
CREATE INDEX orders_by_owner ON orders (owner, created_at);

-- What a wallet pays is its own; a draft is its account's where only one ever signed in there.
UPDATE orders SET owner = buyer WHERE buyer IS NOT NULL;
UPDATE orders SET owner = (
    SELECT CASE WHEN MIN(address) = MAX(address) THEN MIN(address) END FROM sessions
    WHERE sessions.visitor = orders.visitor AND sessions.address IS NOT NULL
) WHERE owner IS NULL;
UPDATE own_templates SET owner = (
    SELECT CASE WHEN MIN(address) = MAX(address) THEN MIN(address) END FROM sessions
    WHERE sessions.visitor = own_templates.visitor AND sessions.address IS NOT NULL
) WHERE owner IS NULL;

-- These shared their visitor with whoever held an earlier cookie of the browser.
DELETE FROM sessions WHERE address IS NOT NULL OR left_at IS NOT NULL;
