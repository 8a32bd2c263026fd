-- When an update of what runs was last sent to Akash whose outcome is not known.
ALTER TABLE orders ADD COLUMN update_called_at BIGINT;
