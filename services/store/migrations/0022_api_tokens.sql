-- What the API asks of the database: who holds a token, and what a person may see.

-- Only a hash of a token is kept: what is random and long need not be hashed slowly.
CREATE TABLE api_tokens (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES users,
    name       text NOT NULL CHECK (char_length(name) <= 100), -- what it is for
    hash       bytea NOT NULL UNIQUE,                          -- SHA-256
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz,                                    -- to the minute
    revoked_at timestamptz
);
CREATE INDEX api_tokens_user ON api_tokens (user_id);

-- The same access as the rules crate judges, for lists of what a person may see.
CREATE FUNCTION sees_everything(person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM users WHERE id = person AND (superuser OR global_role IS NOT NULL))
        OR EXISTS (SELECT FROM group_members JOIN groups ON groups.id = group_id
                   WHERE user_id = person AND global_role IS NOT NULL)
$$;

CREATE FUNCTION memberships_of(person bigint) RETURNS SETOF memberships LANGUAGE sql STABLE AS $$
    SELECT * FROM memberships
    WHERE user_id = person OR group_id IN (SELECT group_id FROM group_members WHERE user_id = person)
$$;

CREATE FUNCTION viewable_product_types(person bigint) RETURNS SETOF product_types LANGUAGE sql STABLE AS $$
    SELECT * FROM product_types AS type
    WHERE deleted_at IS NULL
      AND (sees_everything(person)
           OR id IN (SELECT product_type_id FROM memberships_of(person)))
$$;

CREATE FUNCTION viewable_products(person bigint) RETURNS SETOF products LANGUAGE sql STABLE AS $$
    SELECT * FROM products AS product
    WHERE deleted_at IS NULL
      AND (sees_everything(person)
           OR id IN (SELECT product_id FROM memberships_of(person))
           OR product_type IN (SELECT product_type_id FROM memberships_of(person)))
$$;
