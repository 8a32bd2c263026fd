-- One SQL for SQLite and PostgreSQL: only BIGINT and TEXT. Flags are BIGINT 0/1; JSON, hashes and
-- big numbers are TEXT; instants are Unix seconds, or milliseconds where the name ends in _ms.

CREATE TABLE orders (
    id               TEXT   NOT NULL PRIMARY KEY,
    visitor          TEXT   NOT NULL,
    buyer            TEXT,
    name             TEXT   NOT NULL,
    sentence         TEXT,
    wish             TEXT   NOT NULL,
    requirements     TEXT,
    assumptions      TEXT   NOT NULL,
    steps            TEXT   NOT NULL,
    sdl              TEXT   NOT NULL,
    sdl_source       TEXT   NOT NULL,
    market           TEXT,
    refusal          TEXT,
    state_name       TEXT   NOT NULL,
    state            TEXT   NOT NULL,
    state_since      BIGINT NOT NULL,
    services         TEXT   NOT NULL,
    notice           TEXT,
    create_called_at BIGINT,
    silent_since     BIGINT,
    version          BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    changed_at       BIGINT NOT NULL
);
CREATE INDEX orders_by_visitor ON orders (visitor, created_at);
CREATE INDEX orders_by_buyer ON orders (buyer, created_at);
CREATE INDEX orders_by_state ON orders (state_name);

-- Append-only: the row is the truth, the log explains it.
CREATE TABLE events (
    order_id TEXT   NOT NULL REFERENCES orders (id),
    seq      BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    name     TEXT   NOT NULL,
    state    TEXT   NOT NULL,
    title    TEXT   NOT NULL,
    detail   TEXT,
    tx       TEXT,
    payload  TEXT   NOT NULL,
    PRIMARY KEY (order_id, seq)
);

-- One row for each thing that is to be done; gone when it is done.
CREATE TABLE jobs (
    id              TEXT   NOT NULL PRIMARY KEY,
    kind            TEXT   NOT NULL,
    order_id        TEXT,
    due_ms          BIGINT NOT NULL,
    leased_until_ms BIGINT NOT NULL,
    fence           BIGINT NOT NULL,
    nudges          BIGINT NOT NULL,
    attempts        BIGINT NOT NULL,
    last_error      TEXT,
    dead            BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (dead, due_ms);

CREATE TABLE bids (
    order_id      TEXT   NOT NULL REFERENCES orders (id),
    gseq          BIGINT NOT NULL,
    oseq          BIGINT NOT NULL,
    provider      TEXT   NOT NULL,
    bid           TEXT   NOT NULL,
    first_seen_at BIGINT NOT NULL,
    PRIMARY KEY (order_id, gseq, oseq, provider)
);

CREATE TABLE log_lines (
    order_id TEXT   NOT NULL REFERENCES orders (id),
    seq      BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    service  TEXT   NOT NULL,
    text     TEXT   NOT NULL,
    PRIMARY KEY (order_id, seq)
);

CREATE TABLE transactions (
    order_id TEXT   NOT NULL REFERENCES orders (id),
    kind     TEXT   NOT NULL,
    hash     TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (order_id, kind, hash)
);

-- Tokens and nonces are stored as SHA-256 only.
CREATE TABLE sessions (
    token_hash TEXT   NOT NULL PRIMARY KEY,
    session    TEXT   NOT NULL,
    visitor    TEXT   NOT NULL,
    address    TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_session ON sessions (session);

CREATE TABLE challenges (
    nonce_hash  TEXT   NOT NULL PRIMARY KEY,
    session     TEXT   NOT NULL,
    address     TEXT   NOT NULL,
    issued_at   BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    answered_at BIGINT
);
