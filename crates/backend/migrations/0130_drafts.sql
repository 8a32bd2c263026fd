-- Who is to pick the bid, where the buyer has chosen. What the buyer writes and has not had priced, and what
-- is unclear about the request, lie in the order's sealed document.
ALTER TABLE orders ADD COLUMN acceptance TEXT;
