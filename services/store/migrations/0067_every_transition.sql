-- An endpoint that fails its trial rests again: two transitions, of which none was noted, since the stored
-- status is the same before and after.
CREATE OR REPLACE TRIGGER note_webhook_transition AFTER UPDATE ON notification_webhooks
    FOR EACH ROW WHEN (OLD.status <> NEW.status OR OLD.state_since <> NEW.state_since)
    EXECUTE FUNCTION note_webhook_transition();
