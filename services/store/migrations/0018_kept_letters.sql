-- Of one webhook endpoint that was disabled at most 1,000 dead letters wait; whatever comes
-- after them is told of by the ledger alone, as not_kept.

ALTER TABLE dead_letters ADD destination bigint; -- where a job would have gone

CREATE INDEX dead_letters_inactive ON dead_letters (destination)
    WHERE reason = 'endpoint_inactive' AND resolved_at IS NULL;

CREATE INDEX deliveries_not_kept ON deliveries (destination) WHERE reason = 'not_kept';
