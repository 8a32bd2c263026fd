-- The register of providers, read up to a block: the block's hash tells whether it is still on the
-- chain. A register is named by its chain's id and its address.
CREATE TABLE listing_cursors (
    register TEXT   NOT NULL PRIMARY KEY,
    block    BIGINT NOT NULL,
    hash     TEXT   NOT NULL
);

-- A provider's entry as JSON.
CREATE TABLE listed_providers (
    register TEXT NOT NULL,
    id       TEXT NOT NULL,
    entry    TEXT NOT NULL,
    PRIMARY KEY (register, id)
);

-- Descriptions of what providers offer, by their SHA-256: they never change.
CREATE TABLE listing_descriptions (
    hash     TEXT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL
);
