-- When the SDL and the logs of an order were deleted; its receipt and what the chain says of it stay.
ALTER TABLE orders ADD COLUMN erased_at BIGINT;
