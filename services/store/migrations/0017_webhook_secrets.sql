-- Signing secrets of webhook endpoints (Standard Webhooks), encrypted. After a rotation the
-- previous one signs beside the current one until its time is over. It keeps the bytes that it
-- was sealed to: both columns count as the cell `signing_secret` of their row.

ALTER TABLE notification_webhooks
    ADD signing_secret          bytea,
    ADD previous_signing_secret bytea,
    ADD previous_signs_until    timestamptz,
    ADD CONSTRAINT notification_webhooks_previous_secret_has_an_end
        CHECK ((previous_signing_secret IS NULL) = (previous_signs_until IS NULL)),
    ADD CONSTRAINT notification_webhooks_previous_secret_has_a_successor
        CHECK (previous_signing_secret IS NULL OR signing_secret IS NOT NULL);
