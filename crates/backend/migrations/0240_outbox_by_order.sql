-- The last heartbeat of an order is read whenever the order is shown.
CREATE INDEX outbox_by_order ON outbox (order_id, purpose);
