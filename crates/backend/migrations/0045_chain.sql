-- What the follower of the escrow's chain has seen: the newest blocks by their hashes, and everything
-- that happened to the escrow contract. The newest block is the cursor. A block that is
-- reorganised away takes what happened in it along.

CREATE TABLE chain_blocks (
    number BIGINT NOT NULL PRIMARY KEY,
    hash   TEXT   NOT NULL,
    at     BIGINT NOT NULL
);

-- stage: 0 nobody has looked at it, 1 its order's buyer was told that it goes back, 2 done with.
CREATE TABLE chain_events (
    block     BIGINT NOT NULL,
    log_index BIGINT NOT NULL,
    name      TEXT   NOT NULL,
    escrow    TEXT,
    order_id  TEXT,
    tx        TEXT   NOT NULL,
    payload   TEXT   NOT NULL,
    stage     BIGINT NOT NULL,
    PRIMARY KEY (block, log_index)
);
CREATE INDEX chain_events_by_escrow ON chain_events (escrow);
CREATE INDEX chain_events_by_stage ON chain_events (stage, block);

-- Every escrow whose terms a buyer was asked to fund, whether they still hold or not.
CREATE TABLE prepared_escrows (
    escrow     TEXT   NOT NULL PRIMARY KEY,
    order_id   TEXT   NOT NULL REFERENCES orders (id),
    order_hash TEXT   NOT NULL
);
CREATE INDEX prepared_escrows_by_hash ON prepared_escrows (order_hash);
