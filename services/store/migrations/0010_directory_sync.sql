-- What directory-sync keeps. Each object's newest change counts, whichever came first:
-- directory_objects remembers, for every object that a change told of, which that was.
-- A row with `deleted` is a tombstone: an older change of its object is refused by it.

CREATE TABLE directory_objects (
    kind     text NOT NULL,
    key      text COLLATE "C" NOT NULL, -- the id; of group members and memberships who and what
    at       timestamptz NOT NULL,      -- by the publisher's clock
    deleted  boolean NOT NULL,
    hash     uuid NOT NULL,             -- made of the object: decides between two of the same time
    noted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, key)
);
CREATE INDEX directory_objects_tombstones ON directory_objects (noted_at) WHERE deleted;

ALTER TABLE products ADD COLUMN disable_sla_breach_notifications boolean NOT NULL DEFAULT false;

-- What the scheduler reads, with DefectDojo's ids. Nothing that routing depends on: these
-- tables leave no row in the change log. There are no foreign keys, so that an object may
-- lie here out of sight while what it hangs below is gone; read the views below.
CREATE TABLE engagements (
    id           bigint PRIMARY KEY,
    name         text NOT NULL,
    product      bigint NOT NULL,
    lead         bigint,
    target_start date NOT NULL,
    target_end   date NOT NULL,
    status       text NOT NULL,
    active       boolean NOT NULL
);
CREATE INDEX engagements_product ON engagements (product);

CREATE TABLE tests (
    id         bigint PRIMARY KEY,
    title      text NOT NULL,
    engagement bigint NOT NULL
);
CREATE INDEX tests_engagement ON tests (engagement);

CREATE TABLE findings (
    id                  bigint PRIMARY KEY,
    title               text NOT NULL,
    test                bigint NOT NULL,
    severity            text NOT NULL CHECK (severity IN ('Critical', 'High', 'Medium', 'Low', 'Info')),
    date                date NOT NULL,
    sla_start_date      date,
    sla_expiration_date date,
    active              boolean NOT NULL,
    verified            boolean NOT NULL,
    is_mitigated        boolean NOT NULL,
    false_p             boolean NOT NULL,
    duplicate           boolean NOT NULL,
    risk_accepted       boolean NOT NULL,
    has_jira_issue      boolean NOT NULL
);
CREATE INDEX findings_test ON findings (test);
CREATE INDEX findings_sla ON findings (sla_expiration_date) WHERE active AND NOT is_mitigated AND NOT duplicate;

CREATE TABLE risk_acceptances (
    id                      bigint PRIMARY KEY,
    name                    text NOT NULL,
    product                 bigint,
    engagement              bigint,
    expiration_date         timestamptz,
    expiration_date_warned  timestamptz,
    expiration_date_handled timestamptz,
    reactivate_expired      boolean NOT NULL,
    restart_sla_expired     boolean NOT NULL,
    accepted_findings       bigint[] NOT NULL
);

-- What is there as people see it: nothing whose product, engagement or test is gone. Sight
-- is derived, since a deletion may arrive before an older change of what hung below it, and
-- before a newer one that moves it elsewhere: whichever comes first, the same is seen.
CREATE VIEW live_engagements AS
    SELECT engagement.* FROM engagements AS engagement
    JOIN products ON products.id = engagement.product AND products.deleted_at IS NULL
    JOIN product_types AS type ON type.id = products.product_type AND type.deleted_at IS NULL;

CREATE VIEW live_tests AS
    SELECT test.*, engagement.product FROM tests AS test
    JOIN live_engagements AS engagement ON engagement.id = test.engagement;

CREATE VIEW live_findings AS
    SELECT finding.*, test.engagement, test.product FROM findings AS finding
    JOIN live_tests AS test ON test.id = finding.test;

CREATE VIEW live_risk_acceptances AS
    SELECT acceptance.* FROM risk_acceptances AS acceptance
    WHERE (acceptance.engagement IS NULL
           OR EXISTS (SELECT FROM live_engagements WHERE id = acceptance.engagement))
      AND (acceptance.product IS NULL
           OR EXISTS (SELECT FROM products
                      JOIN product_types AS type ON type.id = product_type AND type.deleted_at IS NULL
                      WHERE products.id = acceptance.product AND products.deleted_at IS NULL));
