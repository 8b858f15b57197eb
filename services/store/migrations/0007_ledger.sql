-- What was decided, what was tried, what came of it, what was given up.

CREATE TABLE events (
    source              text NOT NULL,
    id                  text NOT NULL,
    name                text NOT NULL,
    body                text NOT NULL, -- as it came; not jsonb, which would reorder it and refuse \u0000
    received_at         timestamptz NOT NULL,
    decided_at          timestamptz NOT NULL DEFAULT now(),
    directory_version   bigint NOT NULL,
    directory_behind    boolean NOT NULL,
    jobs                integer NOT NULL CHECK (jobs >= 0),
    decisions           jsonb NOT NULL,
    notes               jsonb NOT NULL,
    unknown_recipients  text[] NOT NULL,
    PRIMARY KEY (source, id)
);

-- One row per attempt. It is claimed before the attempt and finished after it; a claim
-- whose lease is over belongs to a process that died, and may be taken over.
-- Recipient and destination have no foreign keys: the ledger outlives what it tells of.
CREATE TABLE deliveries (
    job_id       text COLLATE "C" NOT NULL, -- a UUID, and .rN behind it for a replay of what had arrived
    attempt      integer NOT NULL CHECK (attempt >= 1),
    service      text NOT NULL,
    channel      text NOT NULL CHECK (channel IN ('alert', 'mail', 'slack', 'msteams', 'webhooks')),
    event_source text NOT NULL,
    event_id     text NOT NULL,
    event_name   text NOT NULL,
    recipient    bigint,
    destination  bigint,
    lease_until  timestamptz NOT NULL,
    state        text NOT NULL CHECK (state IN ('claimed', 'retrying', 'delivered', 'accepted', 'dead')),
    reason       text,
    detail       text,
    provider_id  text,
    status       integer,
    started_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    PRIMARY KEY (job_id, attempt),
    CONSTRAINT deliveries_finished_unless_claimed CHECK ((state = 'claimed') = (finished_at IS NULL))
);
CREATE INDEX deliveries_event ON deliveries (event_source, event_id);

-- The id is made of the letter, so that filing one twice keeps one; a resolved one that
-- comes again is unresolved.
CREATE TABLE dead_letters (
    id           uuid PRIMARY KEY,
    service      text NOT NULL,
    job_id       text COLLATE "C",
    event_source text,
    event_id     text,
    body         bytea NOT NULL,
    headers      jsonb NOT NULL,
    reason       text NOT NULL,
    detail       text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    resolved_at  timestamptz,
    resolution   text CHECK (resolution IN ('replayed', 'discarded')),
    CONSTRAINT dead_letters_resolved_somehow CHECK ((resolved_at IS NULL) = (resolution IS NULL)),
    CONSTRAINT dead_letters_whole_event CHECK (num_nonnulls(event_source, event_id) <> 1)
);
CREATE INDEX dead_letters_waiting ON dead_letters (created_at, id) WHERE resolved_at IS NULL;
CREATE INDEX dead_letters_job ON dead_letters (job_id);
CREATE INDEX dead_letters_event ON dead_letters (event_id);

-- In-app alerts; each is its own ledger entry. A removed one is marked, so that a late
-- duplicate does not bring it back. No foreign key to users: they are never deleted, and
-- the writer joins them anyway.
CREATE TABLE alerts (
    id           uuid PRIMARY KEY,
    user_id      bigint, -- null: belongs to nobody and is shown to nobody
    title        text NOT NULL CHECK (char_length(title) <= 250),
    description  text NOT NULL CHECK (char_length(description) <= 2000),
    url          text CHECK (char_length(url) <= 2000),
    icon         text NOT NULL CHECK (char_length(icon) <= 25),
    source       text NOT NULL CHECK (char_length(source) <= 100),
    created      timestamptz NOT NULL DEFAULT now(),
    event_source text NOT NULL,
    event_id     text NOT NULL,
    read_at      timestamptz,
    removed_at   timestamptz
);
CREATE INDEX alerts_of_user ON alerts (user_id, created DESC) WHERE removed_at IS NULL;
