-- What slack-sender has found out and begun, for all its replicas.

-- What users.lookupByEmail last said of a person's Slack address. users.slack_user_id is what
-- the directory says.
CREATE TABLE slack_lookups (
    user_id      bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    email        text NOT NULL,        -- another address than the person's by now: says nothing
    slack_id     text,                 -- null: nobody there had the address
    looked_up_at timestamptz NOT NULL
);

-- The message that began the thread about an engagement, in each channel.
CREATE TABLE slack_threads (
    destination bigint, -- no foreign key, as in the ledger
    engagement  bigint,
    channel     text NOT NULL, -- the destination's at that time: a thread is in one channel
    ts          text NOT NULL, -- Slack's id of the message
    PRIMARY KEY (destination, engagement)
);
