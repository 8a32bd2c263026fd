-- What may carry a buyer's secrets lies encrypted: of an order as one document in "sealed", of an event
-- its payload, of a template its text. sealed_with names the key; '' where a row was written in clear
-- before there were any.
ALTER TABLE orders ADD COLUMN sealed TEXT;
ALTER TABLE orders ADD COLUMN sealed_with TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN sealed_with TEXT NOT NULL DEFAULT '';
ALTER TABLE own_templates ADD COLUMN sealed_with TEXT NOT NULL DEFAULT '';
CREATE INDEX orders_by_key ON orders (sealed_with);
CREATE INDEX events_by_key ON events (sealed_with);
CREATE INDEX own_templates_by_key ON own_templates (sealed_with);
