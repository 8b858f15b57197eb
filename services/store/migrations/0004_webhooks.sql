-- Webhook endpoints (DefectDojo `notifications/models.py`). `header_value` is encrypted.

CREATE TABLE notification_webhooks (
    id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name               text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 100),
    url                text NOT NULL CHECK (char_length(url) BETWEEN 1 AND 200),
    header_name        text CHECK (char_length(header_name) BETWEEN 1 AND 100),
    header_value       bytea,
    status             text NOT NULL DEFAULT 'active'
        CHECK (status IN ('active', 'active_tmp', 'inactive_tmp', 'inactive_permanent')),
    first_error        timestamptz,
    last_error         timestamptz,
    note               text CHECK (char_length(note) <= 1000),
    owner              bigint REFERENCES users, -- null: an endpoint of the system
    -- A person switched it off: no jobs are made for it. One that was disabled by its
    -- failures still gets them, and they end as dead letters.
    disabled_by_person boolean NOT NULL DEFAULT false,
    CONSTRAINT notification_webhooks_person_disables_for_good
        CHECK (NOT disabled_by_person OR status = 'inactive_permanent'),
    CONSTRAINT notification_webhooks_sleep_has_a_start
        CHECK (status <> 'inactive_tmp' OR last_error IS NOT NULL)
);
