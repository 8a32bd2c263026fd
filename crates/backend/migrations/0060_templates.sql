-- The template that an order began with, as JSON.
ALTER TABLE orders ADD COLUMN template TEXT;
