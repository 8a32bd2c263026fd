-- From which network a transaction was asked for that Necto pays the gas of; forgotten after its day.
ALTER TABLE outbox ADD COLUMN source TEXT;
CREATE INDEX outbox_by_buyer ON outbox (buyer, created_at);
