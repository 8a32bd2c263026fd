-- Prices of a source at one moment, as JSON from the offer's id to micro-dollars. A source is a
-- venue, or "tokens".
CREATE TABLE market_samples (
    source TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    prices TEXT   NOT NULL,
    PRIMARY KEY (source, at)
);
CREATE INDEX market_samples_by_time ON market_samples (at);

-- Where an order's workload should go: the summary people see, and the whole document (canonical
-- JSON, deflated, in Base64).
CREATE TABLE decisions (
    order_id TEXT   NOT NULL PRIMARY KEY REFERENCES orders (id),
    at       BIGINT NOT NULL,
    summary  TEXT   NOT NULL,
    document TEXT   NOT NULL
);
