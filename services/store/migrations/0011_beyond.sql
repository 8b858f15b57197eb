-- What DefectDojo's users asked for and DefectDojo has not. Nothing of it is in force until
-- somebody configures it.

-- Rules: of a user for a product type, of a group for its users, and limits. A rule that is
-- muted silences its product or product type for its user. One with a minimum severity counts
-- for no event whose findings are all less severe.
ALTER TABLE rules
    ADD COLUMN product_type_id  bigint REFERENCES product_types,
    ADD COLUMN group_id         bigint REFERENCES groups ON DELETE CASCADE,
    ADD COLUMN muted            boolean NOT NULL DEFAULT false,
    ADD COLUMN minimum_severity text CHECK (minimum_severity IN ('Info', 'Low', 'Medium', 'High', 'Critical')),
    DROP CONSTRAINT rules_scope_check,
    DROP CONSTRAINT rules_user_by_scope,
    DROP CONSTRAINT rules_unique,
    ADD CONSTRAINT rules_scope_check
        CHECK (scope IN ('system', 'template', 'personal', 'product', 'product_type', 'group')),
    ADD CONSTRAINT rules_user_by_scope
        CHECK ((user_id IS NOT NULL) = (scope IN ('personal', 'product', 'product_type'))),
    ADD CONSTRAINT rules_product_type_by_scope CHECK ((product_type_id IS NOT NULL) = (scope = 'product_type')),
    ADD CONSTRAINT rules_group_by_scope CHECK ((group_id IS NOT NULL) = (scope = 'group')),
    ADD CONSTRAINT rules_muted_by_scope CHECK (NOT muted OR scope IN ('product', 'product_type')),
    ADD CONSTRAINT rules_minimum_severity_by_scope
        CHECK (minimum_severity IS NULL OR scope NOT IN ('system', 'template')),
    ADD CONSTRAINT rules_unique
        UNIQUE NULLS NOT DISTINCT (scope, user_id, product_id, product_type_id, group_id);

-- A group that is deleted takes its rule with it, which must not read all rules.
CREATE INDEX rules_group ON rules (group_id) WHERE group_id IS NOT NULL;
