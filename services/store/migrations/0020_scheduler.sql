-- What the scheduler knows of its own work, and the views that it reads.

-- Which replica acts, until when. A row instead of a session's lock, which a pooler would break.
CREATE TABLE scheduler_lease (
    id         boolean PRIMARY KEY DEFAULT true CHECK (id),
    holder     uuid NOT NULL,
    held_until timestamptz NOT NULL
);

-- How far each job has come: what its schedule named up to `through` is dealt with.
CREATE TABLE scheduled_jobs (
    job     text PRIMARY KEY,
    through timestamptz NOT NULL,
    ran_at  timestamptz, -- when it last ran to its end
    error   text         -- what its last run failed of, if it failed
);

-- What was told (event ids), so that it is told once.
CREATE TABLE scheduled_notices (
    id      text COLLATE "C" PRIMARY KEY,
    told_at timestamptz NOT NULL
);
CREATE INDEX scheduled_notices_age ON scheduled_notices (told_at);

-- The product's SLA configuration with DefectDojo's members (`critical`, `enforce_critical` …);
-- null: a finding's own `sla_expiration_date` is all that is known.
ALTER TABLE products ADD COLUMN sla_configuration jsonb;

-- Engagements in sight with the names that people know. A lead who left is none.
CREATE VIEW engagement_facts AS
    SELECT engagement.*, product.name AS product_name, product.tags AS product_tags,
           type.id AS product_type, type.name AS product_type_name, users.username AS lead_username
    FROM live_engagements AS engagement
    JOIN products AS product ON product.id = engagement.product
    JOIN product_types AS type ON type.id = product.product_type
    LEFT JOIN users ON users.id = engagement.lead AND users.active AND users.deleted_at IS NULL;

-- Open findings with the day on which their SLA ends; null if none is enforced. Where the product's
-- configuration is known it says what is enforced, and gives the day to a finding that has none.
CREATE VIEW sla_findings AS
    SELECT finding.*, product.name AS product_name, type.name AS product_type_name,
           CASE WHEN product.sla_configuration IS NULL THEN finding.sla_expiration_date
                WHEN (product.sla_configuration ->> ('enforce_' || lower(finding.severity)))::boolean
                THEN coalesce(finding.sla_expiration_date,
                              coalesce(finding.sla_start_date, finding.date)
                                  + (product.sla_configuration ->> lower(finding.severity))::integer)
           END AS sla_end
    FROM live_findings AS finding
    JOIN products AS product ON product.id = finding.product
    JOIN product_types AS type ON type.id = product.product_type
    WHERE finding.active AND NOT finding.is_mitigated AND NOT finding.duplicate AND finding.severity <> 'Info'
      AND NOT product.disable_sla_breach_notifications;

-- What is old enough to go is found by these; rows come in the order of time, so that a block's
-- range is enough, and writing them costs next to nothing.
CREATE INDEX deliveries_age ON deliveries USING brin (started_at) WITH (autosummarize = on);
CREATE INDEX events_age ON events USING brin (decided_at) WITH (autosummarize = on);
CREATE INDEX alerts_removed ON alerts (removed_at) WHERE removed_at IS NOT NULL;
