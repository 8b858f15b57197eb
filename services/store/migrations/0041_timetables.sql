-- When people and destinations want to hear of what they are told. Without a row: at once.

CREATE TABLE timetables (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id        bigint UNIQUE REFERENCES users ON DELETE CASCADE,
    destination    bigint UNIQUE REFERENCES destinations ON DELETE CASCADE,
    time_zone      text NOT NULL,              -- of the IANA database, e.g. Europe/Berlin
    daily_at       time NOT NULL,
    cadences       jsonb NOT NULL DEFAULT '{}', -- hourly or daily by rule column; at once where nothing stands
    quiet_from     time,
    quiet_to       time,
    breaks_through text CHECK (breaks_through IN ('Info', 'Low', 'Medium', 'High', 'Critical')),
    CONSTRAINT timetables_of_one CHECK ((user_id IS NULL) <> (destination IS NULL)),
    CONSTRAINT timetables_quiet_whole CHECK ((quiet_from IS NULL) = (quiet_to IS NULL) AND quiet_from <> quiet_to),
    CONSTRAINT timetables_quiet_breaks CHECK (breaks_through IS NULL OR quiet_from IS NOT NULL),
    CONSTRAINT timetables_quiet_of_people CHECK (quiet_from IS NULL OR user_id IS NOT NULL)
);

CREATE TRIGGER log_insert AFTER INSERT ON timetables REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION log_change();
CREATE TRIGGER log_update AFTER UPDATE ON timetables REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION log_change();
CREATE TRIGGER log_delete AFTER DELETE ON timetables REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION log_change();
CREATE TRIGGER log_truncation AFTER TRUNCATE ON timetables
    FOR EACH STATEMENT EXECUTE FUNCTION log_truncation();

-- Jobs that are held back until they are due. `digest` is the id of the one message that all with the same
-- reader and moment come in. Which message a job does come in is decided when it is due, and stands in
-- `message` before anything is published: its own id, if it is alone or late, or that of the digest.
CREATE TABLE held_jobs (
    job_id      text COLLATE "C" PRIMARY KEY,
    sequence    bigint GENERATED ALWAYS AS IDENTITY, -- the order in which they came
    digest      text COLLATE "C" NOT NULL,
    due         timestamptz NOT NULL,
    body        bytea, -- none once it is done with
    traceparent text,
    message     text COLLATE "C",
    held_at     timestamptz NOT NULL DEFAULT now(),
    done_at     timestamptz,
    outcome     text CHECK (outcome IN ('sent', 'delivered', 'recipient_gone', 'access_lost', 'dead')),
    CONSTRAINT held_jobs_done_whole
        CHECK ((done_at IS NULL) = (body IS NOT NULL) AND (done_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX held_jobs_digest ON held_jobs (digest);
CREATE INDEX held_jobs_due ON held_jobs (due) WHERE message IS NULL AND done_at IS NULL;
CREATE INDEX held_jobs_message ON held_jobs (message, sequence) WHERE done_at IS NULL;
CREATE INDEX held_jobs_age ON held_jobs (done_at) WHERE done_at IS NOT NULL;
