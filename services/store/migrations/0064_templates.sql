-- Templates that people wrote on a page. They take the place of the built-in ones, and files of
-- DD_TEMPLATE_DIR take theirs.
CREATE TABLE templates (
    file       text COLLATE "C" PRIMARY KEY CHECK (char_length(file) <= 150), -- e.g. slack/scan_added.txt
    source     text NOT NULL CHECK (char_length(source) <= 65536),
    updated_by text NOT NULL,                                                 -- a username
    updated_at timestamptz NOT NULL DEFAULT now()
);
