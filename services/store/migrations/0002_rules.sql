-- What people chose. `channels` maps a column's name to a list of channels; a column that
-- is not named has DefectDojo's default, so '{}' is the rule with all defaults.

CREATE TABLE rules (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope      text NOT NULL CHECK (scope IN ('system', 'template', 'personal', 'product')),
    user_id    bigint REFERENCES users,
    product_id bigint REFERENCES products,
    channels   jsonb NOT NULL CHECK (jsonb_typeof(channels) = 'object'),
    CONSTRAINT rules_user_by_scope CHECK ((user_id IS NOT NULL) = (scope IN ('personal', 'product'))),
    CONSTRAINT rules_product_by_scope CHECK ((product_id IS NOT NULL) = (scope = 'product')),
    -- One system rule, one template, one personal rule a user, one a user and product.
    CONSTRAINT rules_unique UNIQUE NULLS NOT DISTINCT (scope, user_id, product_id)
);

INSERT INTO rules (scope, channels) VALUES ('system', '{}');

-- A new user gets a personal rule, whoever creates the user: a copy of the template if
-- there is one, else the defaults (DefectDojo `notifications/signals.py`).
CREATE FUNCTION give_personal_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rules (scope, user_id, channels)
    SELECT 'personal', created.id,
           coalesce((SELECT channels FROM rules WHERE scope = 'template'), '{}')
    FROM created
    ON CONFLICT ON CONSTRAINT rules_unique DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER give_personal_rule AFTER INSERT ON users
    REFERENCING NEW TABLE AS created
    FOR EACH STATEMENT EXECUTE FUNCTION give_personal_rule();
