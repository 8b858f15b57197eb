-- Destinations that are told what their filter lets through, in place of what the system rule
-- says. One with a name was made by a person; a webhook endpoint has the name of its own row.
-- Their rows are written by the store, not by the triggers, which keep to what is not named.
ALTER TABLE destinations
    ADD COLUMN name        text CHECK (char_length(name) BETWEEN 1 AND 100),
    ADD COLUMN filter      jsonb,
    ADD COLUMN msteams_url bytea, -- encrypted
    DROP CONSTRAINT destinations_address_of_system_mail,
    ADD CONSTRAINT destinations_address_by_place CHECK (
        (address IS NOT NULL) = (channel = 'mail' AND user_id IS NULL OR channel = 'slack' AND name IS NOT NULL)),
    ADD CONSTRAINT destinations_url_of_named_teams
        CHECK (msteams_url IS NULL OR channel = 'msteams' AND name IS NOT NULL),
    ADD CONSTRAINT destinations_named_have_a_filter
        CHECK (name IS NULL OR filter IS NOT NULL AND channel <> 'webhooks'),
    ADD CONSTRAINT destinations_filter_of_the_system CHECK (filter IS NULL OR user_id IS NULL);

CREATE UNIQUE INDEX destinations_name ON destinations (name) WHERE gone_at IS NULL AND name IS NOT NULL;
DROP INDEX destinations_place;
CREATE UNIQUE INDEX destinations_place ON destinations (channel, user_id, address)
    NULLS NOT DISTINCT WHERE channel <> 'webhooks' AND name IS NULL;

CREATE OR REPLACE FUNCTION place_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO destinations AS place (channel, user_id)
    SELECT 'mail', id FROM written WHERE deleted_at IS NULL AND email <> ''
    UNION ALL
    SELECT 'slack', id FROM written WHERE deleted_at IS NULL AND slack_email <> ''
    ORDER BY 1, 2
    ON CONFLICT (channel, user_id, address) WHERE channel <> 'webhooks' AND name IS NULL
        DO UPDATE SET gone_at = NULL WHERE place.gone_at IS NOT NULL;

    UPDATE destinations SET gone_at = now()
    FROM written
    WHERE user_id = written.id AND gone_at IS NULL
      AND (channel = 'mail' AND (deleted_at IS NOT NULL OR email = '')
        OR channel = 'slack' AND (deleted_at IS NOT NULL OR coalesce(slack_email, '') = ''));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION place_system() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO destinations AS place (channel, address)
    SELECT channel, address FROM system_places(NEW)
    ON CONFLICT (channel, user_id, address) WHERE channel <> 'webhooks' AND name IS NULL
        DO UPDATE SET gone_at = NULL WHERE place.gone_at IS NOT NULL;

    UPDATE destinations AS place SET gone_at = now()
    WHERE user_id IS NULL AND channel <> 'webhooks' AND name IS NULL AND gone_at IS NULL
      AND NOT EXISTS (
          SELECT FROM system_places(NEW) AS wanted
          WHERE wanted.channel = place.channel
            AND wanted.address IS NOT DISTINCT FROM place.address);
    RETURN NULL;
END $$;

-- An endpoint that is given to a user follows the user's rules: it loses its filter.
CREATE OR REPLACE FUNCTION place_webhook() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE destinations SET gone_at = now() WHERE webhook_id = OLD.id AND gone_at IS NULL;
    ELSE
        INSERT INTO destinations AS place (channel, webhook_id, user_id, switched_off)
        VALUES ('webhooks', NEW.id, NEW.owner, NEW.disabled_by_person)
        ON CONFLICT (webhook_id) WHERE channel = 'webhooks'
            DO UPDATE SET user_id = EXCLUDED.user_id, switched_off = EXCLUDED.switched_off,
                filter = CASE WHEN EXCLUDED.user_id IS NULL THEN place.filter END
            WHERE (place.user_id, place.switched_off)
                IS DISTINCT FROM (EXCLUDED.user_id, EXCLUDED.switched_off);
    END IF;
    RETURN NULL;
END $$;
