-- Jobs that wait without using up an attempt, since their destination rests. `sequence` is
-- the order of a destination's line; its first job's `due` is when the line may move.
-- A taken job is somebody's until `taken_until`: then its taker counts as dead.

CREATE TABLE parked_jobs (
    sequence        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id          text COLLATE "C" NOT NULL UNIQUE,
    service         text NOT NULL,
    destination     bigint NOT NULL, -- no foreign key: a late job finds out by itself that it is gone
    body            bytea NOT NULL,
    attempt         integer NOT NULL CHECK (attempt >= 1),
    first_published bigint, -- milliseconds since 1970
    reason          text,   -- why the last attempt failed
    traceparent     text,
    due             timestamptz NOT NULL,
    taken_until     timestamptz,
    parked_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX parked_jobs_line ON parked_jobs (service, destination, sequence);
