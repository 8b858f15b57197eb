-- The change log names the rows that changed, so that the router rereads those and no others.
--
-- One row of the log is one statement: its table, and the ids of the rows that it wrote or
-- deleted (a row that got another id: both). What the rows say is read from their tables at
-- the poll. No ids (null): anything may have changed, and the reader begins anew.

-- An id, so that rows of every table can be named alike.
ALTER TABLE group_members ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY UNIQUE;

-- What was logged so far names no rows. Whoever reads begins with the whole directory.
TRUNCATE change_log;
ALTER TABLE change_log ADD COLUMN ids bigint[];
CREATE INDEX change_log_txid ON change_log (txid);

-- As before, a statement that changed nothing is not logged, nor is a found Slack id.
CREATE OR REPLACE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'users' THEN
        SELECT array_agg(id) INTO touched FROM before FULL JOIN changed USING (id)
        WHERE to_jsonb(before) - 'slack_user_id' IS DISTINCT FROM to_jsonb(changed) - 'slack_user_id';
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT array_agg(id) INTO touched FROM before FULL JOIN changed USING (id)
        WHERE before IS DISTINCT FROM changed;
    ELSE
        SELECT array_agg(id) INTO touched FROM changed;
    END IF;
    IF touched IS NOT NULL THEN
        INSERT INTO change_log (table_name, ids) VALUES (TG_TABLE_NAME, touched);
        PERFORM pg_notify('dojo_directory', '');
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION log_truncation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_log (table_name) VALUES (TG_TABLE_NAME);
    PERFORM pg_notify('dojo_directory', '');
    RETURN NULL;
END $$;

DO $$
DECLARE
    logged text;
BEGIN
    FOREACH logged IN ARRAY ARRAY['users', 'product_types', 'products', 'groups', 'group_members',
                                  'memberships', 'rules', 'system_settings', 'destinations']
    LOOP
        EXECUTE format('CREATE TRIGGER log_truncation AFTER TRUNCATE ON %I
                        FOR EACH STATEMENT EXECUTE FUNCTION log_truncation()', logged);
    END LOOP;
END $$;

-- How far the log was pruned. A transaction has a number (txid) from its first write on, and
-- the oldest that is under way only ever gets a higher one. `next_below` is that number as of
-- `noted_at`: every transaction below it had ended by then, and whoever looked at the log
-- since has seen what they wrote. After the time that readers may be away, rows below it are
-- deleted. A reader whose last look is older than `pruned_below` has missed rows.
CREATE TABLE change_log_horizon (
    id           bigint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    pruned_below xid8 NOT NULL DEFAULT '0',
    next_below   xid8 NOT NULL DEFAULT pg_snapshot_xmin(pg_current_snapshot()),
    noted_at     timestamptz NOT NULL DEFAULT now()
);

INSERT INTO change_log_horizon DEFAULT VALUES;
