-- Orders whose requests did not come from Necto's own page: by a link, or as a plain form. No row: from the page.
CREATE TABLE origins (
    order_id TEXT NOT NULL PRIMARY KEY REFERENCES orders (id),
    origin   TEXT NOT NULL
);
