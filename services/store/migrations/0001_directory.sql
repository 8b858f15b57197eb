-- Who exists and who may see what. Primary keys are DefectDojo's own ids. Users, product
-- types and products are never deleted but marked: a late event about a deleted product
-- must be told from one about a product that has not been heard of yet.

CREATE TABLE users (
    id            bigint PRIMARY KEY,
    username      text NOT NULL CHECK (username <> ''),
    first_name    text NOT NULL DEFAULT '',
    last_name     text NOT NULL DEFAULT '',
    email         text NOT NULL DEFAULT '',
    active        boolean NOT NULL,
    superuser     boolean NOT NULL DEFAULT false,
    global_role   text CHECK (global_role IN ('API_Importer', 'Reader', 'Writer', 'Maintainer', 'Owner')),
    slack_email   text,
    slack_user_id text,
    deleted_at    timestamptz,
    -- Deferred, so that two users can swap their names in one transaction.
    CONSTRAINT users_username_unique EXCLUDE USING btree (username WITH =)
        WHERE (deleted_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE product_types (
    id         bigint PRIMARY KEY,
    name       text NOT NULL,
    deleted_at timestamptz
);

CREATE TABLE products (
    id           bigint PRIMARY KEY,
    name         text NOT NULL,
    product_type bigint NOT NULL REFERENCES product_types,
    tags         text[] NOT NULL DEFAULT '{}',
    deleted_at   timestamptz
);

CREATE TABLE groups (
    id          bigint PRIMARY KEY,
    name        text NOT NULL,
    global_role text CHECK (global_role IN ('API_Importer', 'Reader', 'Writer', 'Maintainer', 'Owner'))
);

CREATE TABLE group_members (
    group_id bigint NOT NULL REFERENCES groups ON DELETE CASCADE,
    user_id  bigint NOT NULL REFERENCES users,
    PRIMARY KEY (group_id, user_id)
);

-- A membership without a role counts too: it is DefectDojo 3's `authorized_users`.
CREATE TABLE memberships (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id         bigint REFERENCES users,
    group_id        bigint REFERENCES groups ON DELETE CASCADE,
    product_id      bigint REFERENCES products,
    product_type_id bigint REFERENCES product_types,
    role            text CHECK (role IN ('API_Importer', 'Reader', 'Writer', 'Maintainer', 'Owner')),
    CONSTRAINT memberships_one_member CHECK (num_nonnulls(user_id, group_id) = 1),
    CONSTRAINT memberships_one_object CHECK (num_nonnulls(product_id, product_type_id) = 1),
    CONSTRAINT memberships_unique
        UNIQUE NULLS NOT DISTINCT (user_id, group_id, product_id, product_type_id)
);
