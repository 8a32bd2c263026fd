-- What the sweep looks for: orders whose SDL and logs are still there, the oldest first.
CREATE INDEX orders_kept_by_end ON orders (state_since) WHERE erased_at IS NULL;
CREATE INDEX orders_kept_by_change ON orders (changed_at) WHERE erased_at IS NULL;
