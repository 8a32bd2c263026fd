-- Deployments that Necto itself reached from outside, by the addresses their providers told: only of
-- these does it mean anything that nobody answers there any more.
CREATE TABLE reached (
    order_id TEXT   NOT NULL PRIMARY KEY REFERENCES orders (id),
    at       BIGINT NOT NULL
);
