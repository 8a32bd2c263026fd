-- Log lines, packed: compressed, and sealed with the key that `sealed_with` names. What still lies
-- in log_lines moves here with the next lines of its order, or with a sweep.
CREATE TABLE log_chunks (
    order_id    TEXT   NOT NULL REFERENCES orders (id),
    first_seq   BIGINT NOT NULL,
    last_seq    BIGINT NOT NULL,
    -- What the lines take unpacked.
    raw_bytes   BIGINT NOT NULL,
    -- 1 where a line tells the exit code of a batch.
    tells_exit  BIGINT NOT NULL,
    sealed_with TEXT   NOT NULL,
    body        BYTEA  NOT NULL,
    PRIMARY KEY (order_id, first_seq)
);
CREATE INDEX log_chunks_sealed ON log_chunks (sealed_with);
