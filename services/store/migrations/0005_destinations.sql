-- Every place a job can go: one row per address of mail_notifications_to, one for the
-- system's Slack channel, one for the Teams URL, one per user for mail and one for Slack,
-- one per webhook endpoint. A job names its destination by id; what is behind the id
-- (address, token, URL) is read at the attempt.
--
-- The rows are kept by the triggers below and by nobody else. An id lasts as long as its
-- place; a place that is gone keeps its row, marked, so that a late job finds out, and
-- gets its old id back if it returns.

CREATE TABLE destinations (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel      text NOT NULL CHECK (channel IN ('mail', 'slack', 'msteams', 'webhooks')),
    user_id      bigint REFERENCES users, -- whose it is; null: the system's
    webhook_id   bigint,                  -- no foreign key: the row outlives the endpoint
    address      text,                    -- only where one setting names several places
    switched_off boolean NOT NULL DEFAULT false,
    gone_at      timestamptz,
    CONSTRAINT destinations_webhook_by_channel CHECK ((channel = 'webhooks') = (webhook_id IS NOT NULL)),
    CONSTRAINT destinations_address_of_system_mail
        CHECK ((address IS NOT NULL) = (channel = 'mail' AND user_id IS NULL))
);

CREATE UNIQUE INDEX destinations_webhook ON destinations (webhook_id) WHERE channel = 'webhooks';
CREATE UNIQUE INDEX destinations_place ON destinations (channel, user_id, address)
    NULLS NOT DISTINCT WHERE channel <> 'webhooks';

CREATE FUNCTION place_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO destinations AS place (channel, user_id)
    SELECT 'mail', id FROM written WHERE deleted_at IS NULL AND email <> ''
    UNION ALL
    SELECT 'slack', id FROM written WHERE deleted_at IS NULL AND slack_email <> ''
    ORDER BY 1, 2
    ON CONFLICT (channel, user_id, address) WHERE channel <> 'webhooks'
        DO UPDATE SET gone_at = NULL WHERE place.gone_at IS NOT NULL;

    UPDATE destinations SET gone_at = now()
    FROM written
    WHERE user_id = written.id AND gone_at IS NULL
      AND (channel = 'mail' AND (deleted_at IS NOT NULL OR email = '')
        OR channel = 'slack' AND (deleted_at IS NOT NULL OR coalesce(slack_email, '') = ''));
    RETURN NULL;
END $$;

CREATE TRIGGER place_users_inserted AFTER INSERT ON users
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION place_users();
CREATE TRIGGER place_users_updated AFTER UPDATE ON users
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION place_users();

CREATE FUNCTION system_places(settings system_settings)
RETURNS TABLE (channel text, address text) LANGUAGE sql IMMUTABLE AS $$
    SELECT DISTINCT 'mail', trim(both E' \t\r\n' from part)
    FROM string_to_table(settings.mail_notifications_to, ',') AS part
    WHERE trim(both E' \t\r\n' from part) <> ''
    UNION ALL
    SELECT 'slack', NULL WHERE settings.slack_channel <> ''
    UNION ALL
    SELECT 'msteams', NULL WHERE settings.msteams_url IS NOT NULL
$$;

CREATE FUNCTION place_system() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO destinations AS place (channel, address)
    SELECT channel, address FROM system_places(NEW)
    ON CONFLICT (channel, user_id, address) WHERE channel <> 'webhooks'
        DO UPDATE SET gone_at = NULL WHERE place.gone_at IS NOT NULL;

    UPDATE destinations AS place SET gone_at = now()
    WHERE user_id IS NULL AND channel <> 'webhooks' AND gone_at IS NULL
      AND NOT EXISTS (
          SELECT FROM system_places(NEW) AS wanted
          WHERE wanted.channel = place.channel
            AND wanted.address IS NOT DISTINCT FROM place.address);
    RETURN NULL;
END $$;

CREATE TRIGGER place_system AFTER INSERT OR UPDATE ON system_settings
    FOR EACH ROW EXECUTE FUNCTION place_system();

CREATE FUNCTION place_webhook() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE destinations SET gone_at = now() WHERE webhook_id = OLD.id AND gone_at IS NULL;
    ELSE
        INSERT INTO destinations AS place (channel, webhook_id, user_id, switched_off)
        VALUES ('webhooks', NEW.id, NEW.owner, NEW.disabled_by_person)
        ON CONFLICT (webhook_id) WHERE channel = 'webhooks'
            DO UPDATE SET user_id = EXCLUDED.user_id, switched_off = EXCLUDED.switched_off
            WHERE (place.user_id, place.switched_off)
                IS DISTINCT FROM (EXCLUDED.user_id, EXCLUDED.switched_off);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER place_webhook AFTER INSERT OR UPDATE OR DELETE ON notification_webhooks
    FOR EACH ROW EXECUTE FUNCTION place_webhook();
