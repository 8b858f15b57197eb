-- People look for an event by its id, and mostly do not know its source: the id comes first in what
-- finds events and attempts. Whoever names both is served as before.

DROP INDEX deliveries_event;
CREATE INDEX deliveries_event ON deliveries (event_id, event_source);

ALTER TABLE events DROP CONSTRAINT events_pkey, ADD PRIMARY KEY (id, source);
