-- Who signed in with a browser. A session is worth what its token is worth.

CREATE TABLE sessions (
    hash       bytea PRIMARY KEY, -- SHA-256 of what the browser's cookie holds
    token_id   bigint NOT NULL REFERENCES api_tokens,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_expired ON sessions (expires_at);
