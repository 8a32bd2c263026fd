-- What a buyer has written and not had priced yet; null where the text is the one that was priced.
ALTER TABLE orders ADD COLUMN working_sdl TEXT;
-- Who is to pick the bid, where the buyer has chosen.
ALTER TABLE orders ADD COLUMN acceptance TEXT;
