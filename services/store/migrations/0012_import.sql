-- What `notifyctl import` needs: the directory as it came, whatever table it lies in, and how
-- far a run has come.

-- Every object of the directory that is in sight, in the form in which changes carry it.
-- `key` is that of directory_objects. What hangs below something gone needs no deletion.
CREATE VIEW directory_rows AS
    SELECT 'user' AS kind, id, id::text AS key, to_jsonb(it) AS object
    FROM users AS it WHERE deleted_at IS NULL
    UNION ALL
    SELECT 'product_type', id, id::text, to_jsonb(it) FROM product_types AS it WHERE deleted_at IS NULL
    UNION ALL
    SELECT 'product', id, id::text, to_jsonb(it) FROM products AS it WHERE deleted_at IS NULL
    UNION ALL
    SELECT 'group', id, id::text, to_jsonb(it) FROM groups AS it
    UNION ALL
    SELECT 'group_member', NULL, format('group %s user %s', group_id, user_id),
           jsonb_build_object('group', group_id, 'user', user_id)
    FROM group_members
    UNION ALL
    SELECT 'membership', NULL,
           format('%s of %s',
                  coalesce('user ' || user_id, 'group ' || group_id),
                  coalesce('product ' || product_id, 'product_type ' || product_type_id)),
           jsonb_build_object(
               'member', jsonb_strip_nulls(jsonb_build_object('user', user_id, 'group', group_id)),
               'of', jsonb_strip_nulls(jsonb_build_object('product', product_id, 'product_type', product_type_id)),
               'role', role)
    FROM memberships
    UNION ALL
    SELECT 'engagement', id, id::text, to_jsonb(it) FROM live_engagements AS it
    UNION ALL
    SELECT 'test', id, id::text, to_jsonb(it) FROM live_tests AS it
    UNION ALL
    SELECT 'finding', id, id::text, to_jsonb(it) FROM live_findings AS it
    UNION ALL
    SELECT 'risk_acceptance', id, id::text, to_jsonb(it) FROM live_risk_acceptances AS it;

-- Where a run stands that has not come to its end: one row for each DefectDojo.
CREATE TABLE import_progress (
    source      text PRIMARY KEY,      -- its address
    begun_at    timestamptz NOT NULL,  -- every object that the run has written has a stamp from then on
    resource    text NOT NULL,         -- what is being read
    next_offset bigint NOT NULL CHECK (next_offset >= 0),
    expected    bigint,                -- how many objects the resource had when last asked
    saved_at    timestamptz NOT NULL DEFAULT now()
);
