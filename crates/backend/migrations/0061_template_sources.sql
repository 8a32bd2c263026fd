-- The community's templates as they were last listed: one row, id 1.
CREATE TABLE template_lists (
    id           BIGINT NOT NULL PRIMARY KEY,
    etag         TEXT,
    listing      TEXT   NOT NULL,
    confirmed_at BIGINT,
    trouble      TEXT
);

-- Their files as they were last read; sha names the content.
CREATE TABLE template_files (
    path    TEXT   NOT NULL PRIMARY KEY,
    sha     TEXT   NOT NULL,
    body    TEXT   NOT NULL,
    summary TEXT,
    read_at BIGINT NOT NULL
);

-- Templates that buyers keep for themselves.
CREATE TABLE own_templates (
    id         TEXT   NOT NULL PRIMARY KEY,
    visitor    TEXT   NOT NULL,
    owner      TEXT,
    name       TEXT   NOT NULL,
    sdl        TEXT   NOT NULL,
    duration   BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX own_templates_by_visitor ON own_templates (visitor);
CREATE INDEX own_templates_by_owner ON own_templates (owner);
