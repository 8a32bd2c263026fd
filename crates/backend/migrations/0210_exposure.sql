-- What each order takes of the operator's money at Akash, and has taken: one row an order, derived
-- from its state. Money in whole micro-dollars; day is the UTC day since 1970; source is the network
-- that it was asked from, forgotten once it does not count any more.
CREATE TABLE exposures (
    order_id TEXT   NOT NULL PRIMARY KEY,
    source   TEXT,
    buyer    TEXT,
    stage    TEXT   NOT NULL,
    until_at BIGINT NOT NULL,
    cost     BIGINT NOT NULL,
    locked   BIGINT NOT NULL,
    floor    BIGINT NOT NULL,
    spent    BIGINT NOT NULL,
    hourly   BIGINT NOT NULL,
    day      BIGINT NOT NULL
);
CREATE INDEX exposures_by_buyer ON exposures (buyer);
CREATE INDEX exposures_by_source ON exposures (source);
CREATE INDEX exposures_by_stage ON exposures (stage);
CREATE INDEX exposures_by_day ON exposures (day);

-- One row: whoever lets an order in holds it, so that two cannot take the last place. It also keeps
-- of which thresholds the operator was told, whether that the Console account runs low, what it held when it was last asked,
-- and up to which order the ledger was compared with the orders.
CREATE TABLE exposure_ledger (
    id          BIGINT NOT NULL PRIMARY KEY,
    told_open   BIGINT NOT NULL,
    told_locked BIGINT NOT NULL,
    told_day    BIGINT NOT NULL,
    told_low    BIGINT NOT NULL,
    balance     BIGINT,
    balance_at  BIGINT,
    compared_to TEXT   NOT NULL
);
INSERT INTO exposure_ledger (id, told_open, told_locked, told_day, told_low, compared_to)
VALUES (1, 0, 0, 0, 0, '');
