-- What holds over all replicas of a sender: who rests, and who was spoken to when.

-- Until when a destination, or all of a service's (null), are left alone: a receiver asked for
-- it, or refuses our credentials. Jobs wait in their lines meanwhile.
CREATE TABLE pauses (
    service      text NOT NULL,
    destination  bigint, -- no foreign key, as in the ledger
    paused_until timestamptz NOT NULL,
    reason       text NOT NULL,
    CONSTRAINT pauses_one_each UNIQUE NULLS NOT DISTINCT (service, destination)
);

-- When the next attempt at a destination with a rate may be made. Who wants some reserves them
-- by moving this on.
CREATE TABLE attempt_slots (
    destination bigint PRIMARY KEY,
    next_at     timestamptz NOT NULL
);
