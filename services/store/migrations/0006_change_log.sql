-- Whatever routing depends on leaves a row here when it changes, in the same transaction.
-- The table only grows, and ids are no order of commits: readers either count the rows
-- they see, or reread everything whose transaction was open at their last look (txid).
--
-- notification_webhooks is not among the tables: what routing needs of an endpoint (whose
-- it is, whether it is switched off) stands in destinations. An endpoint that fails every
-- minute must not make the router read its directory anew.

CREATE TABLE change_log (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    txid       xid8 NOT NULL DEFAULT pg_current_xact_id(),
    table_name text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);

-- A statement that changed nothing is not logged: writing the same directory again is
-- what a synchronisation does every time. Nor is one that changed nothing but a Slack id,
-- which a sender finds out with a person's first message and no route depends on.
-- NOTIFY only wakes; the log is the truth.
CREATE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changes boolean;
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'users' THEN
        changes := EXISTS (SELECT to_jsonb(changed) - 'slack_user_id' FROM changed
                           EXCEPT SELECT to_jsonb(before) - 'slack_user_id' FROM before);
    ELSIF TG_OP = 'UPDATE' THEN
        changes := EXISTS (TABLE changed EXCEPT TABLE before);
    ELSE
        changes := EXISTS (TABLE changed);
    END IF;
    IF changes THEN
        INSERT INTO change_log (table_name) VALUES (TG_TABLE_NAME);
        PERFORM pg_notify('dojo_directory', '');
    END IF;
    RETURN NULL;
END $$;

DO $$
DECLARE
    logged text;
BEGIN
    FOREACH logged IN ARRAY ARRAY['users', 'product_types', 'products', 'groups', 'group_members',
                                  'memberships', 'rules', 'system_settings', 'destinations']
    LOOP
        EXECUTE format('CREATE TRIGGER log_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS changed
                        FOR EACH STATEMENT EXECUTE FUNCTION log_change()', logged);
        EXECUTE format('CREATE TRIGGER log_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS before NEW TABLE AS changed
                        FOR EACH STATEMENT EXECUTE FUNCTION log_change()', logged);
        EXECUTE format('CREATE TRIGGER log_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS changed
                        FOR EACH STATEMENT EXECUTE FUNCTION log_change()', logged);
    END LOOP;
END $$;
