-- What is unclear about a request, with the answers there are; null where nothing is.
ALTER TABLE orders ADD COLUMN question TEXT;
