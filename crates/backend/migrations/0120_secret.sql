-- The secret that an order's generated drafts carry.
ALTER TABLE orders ADD COLUMN secret TEXT;
