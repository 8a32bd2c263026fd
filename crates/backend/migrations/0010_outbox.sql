-- What the operator's account sends: one row for each thing that is to happen on chain, written
-- before anything is sent, and every signed version of it, written before it is sent.
CREATE TABLE outbox (
    id          TEXT   NOT NULL PRIMARY KEY,
    purpose     TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    round       BIGINT NOT NULL,
    order_id    TEXT,
    buyer       TEXT,
    to_address  TEXT   NOT NULL,
    data        TEXT   NOT NULL,
    value_gwei  BIGINT NOT NULL,
    expires_at  BIGINT,
    created_at  BIGINT NOT NULL,
    status      TEXT   NOT NULL,
    nonce       BIGINT,
    gas         BIGINT,
    fee_gwei    BIGINT NOT NULL,
    tx          TEXT,
    reason      TEXT,
    finished_at BIGINT,
    UNIQUE (purpose, subject, round)
);
CREATE INDEX outbox_by_status ON outbox (status);
CREATE INDEX outbox_by_day ON outbox (purpose, created_at);

CREATE TABLE outbox_signed (
    intent       TEXT   NOT NULL REFERENCES outbox (id),
    hash         TEXT   NOT NULL,
    raw          TEXT   NOT NULL,
    max_fee_wei  TEXT   NOT NULL,
    priority_wei TEXT   NOT NULL,
    signed_at    BIGINT NOT NULL,
    PRIMARY KEY (intent, hash)
);
