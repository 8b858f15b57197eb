-- Bells of open pages rise and fall by themselves: whoever makes a person's alerts more or fewer says
-- so with this, once a batch. It names the people, or nobody where they are too many for one
-- notification (8,000 bytes), which is reason to look at all.
CREATE FUNCTION ring_bells(people bigint[]) RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('dojo_alerts', CASE WHEN octet_length(list) <= 7500 THEN list ELSE '' END)
    FROM array_to_string(people, ',') AS list
    WHERE list <> ''
$$;

-- In the order in which alerts are listed, ties too: a page is a range of it and nothing is sorted.
DROP INDEX alerts_of_user;
CREATE INDEX alerts_of_user ON alerts (user_id, created DESC, id DESC) WHERE removed_at IS NULL;
