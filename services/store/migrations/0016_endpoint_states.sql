-- Where a webhook endpoint stands is a matter of time too: what time has made of it is
-- computed by whoever reads it, and stored by the next transition.

-- Since when it is in its stored state. What an attempt says that began before counts for nothing.
ALTER TABLE notification_webhooks ADD state_since timestamptz NOT NULL DEFAULT now();

CREATE FUNCTION webhook_state(endpoint notification_webhooks)
RETURNS TABLE (status text, first_error timestamptz, last_error timestamptz, note text, since timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN well THEN 'active' WHEN rested THEN 'active_tmp' ELSE endpoint.status END,
           CASE WHEN NOT well THEN endpoint.first_error END,
           CASE WHEN NOT well THEN endpoint.last_error END,
           CASE WHEN well THEN 'Reactivation from active_tmp' ELSE endpoint.note END,
           CASE WHEN well THEN endpoint.last_error + interval '24 hours'
                WHEN rested THEN endpoint.last_error + interval '60 seconds'
                ELSE endpoint.state_since END
    FROM (SELECT coalesce(endpoint.status IN ('active_tmp', 'inactive_tmp')
                     AND endpoint.last_error <= now() - interval '24 hours', false) AS well,
                 coalesce(endpoint.status = 'inactive_tmp'
                     AND endpoint.last_error <= now() - interval '60 seconds', false) AS rested) AS passed
$$;

CREATE VIEW webhook_states AS
SELECT w.id, state.* FROM notification_webhooks AS w CROSS JOIN LATERAL webhook_state(w) AS state;

CREATE TABLE webhook_transitions (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    endpoint   bigint NOT NULL REFERENCES notification_webhooks ON DELETE CASCADE,
    at         timestamptz NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    note       text
);
CREATE INDEX webhook_transitions_endpoint ON webhook_transitions (endpoint, id);

-- Whoever moves an endpoint: what time had made of it first, then where it went.
CREATE FUNCTION note_webhook_transition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was record;
BEGIN
    SELECT * INTO was FROM webhook_state(OLD);
    IF OLD.status = 'inactive_tmp' AND was.status <> 'inactive_tmp' THEN
        INSERT INTO webhook_transitions (endpoint, at, from_state, to_state, note)
        VALUES (OLD.id, OLD.last_error + interval '60 seconds', 'inactive_tmp', 'active_tmp', OLD.note);
    END IF;
    IF OLD.status <> 'active' AND was.status = 'active' THEN
        INSERT INTO webhook_transitions (endpoint, at, from_state, to_state, note)
        VALUES (OLD.id, OLD.last_error + interval '24 hours', 'active_tmp', 'active', was.note);
    END IF;
    IF was.status <> NEW.status THEN
        INSERT INTO webhook_transitions (endpoint, at, from_state, to_state, note)
        VALUES (NEW.id, now(), was.status, NEW.status, NEW.note);
    END IF;
    DELETE FROM webhook_transitions WHERE endpoint = NEW.id AND id <= (
        SELECT id FROM webhook_transitions WHERE endpoint = NEW.id ORDER BY id DESC OFFSET 100 LIMIT 1);
    RETURN NULL;
END $$;

CREATE TRIGGER note_webhook_transition AFTER UPDATE ON notification_webhooks
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION note_webhook_transition();
