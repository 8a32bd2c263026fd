-- Tokens spent on a model in a UTC day (Unix seconds divided by 86,400), by visitor; '' counts all.
CREATE TABLE agent_usage (
    day     BIGINT NOT NULL,
    visitor TEXT   NOT NULL,
    tokens  BIGINT NOT NULL,
    PRIMARY KEY (day, visitor)
);
