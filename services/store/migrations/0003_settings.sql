-- System Settings: one row, with DefectDojo's fields, defaults and limits
-- (`system_settings/models.py`). `slack_token` and `msteams_url` are encrypted.

CREATE TABLE system_settings (
    id                                        bigint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    enable_mail_notifications                 boolean NOT NULL DEFAULT false,
    enable_slack_notifications                boolean NOT NULL DEFAULT false,
    enable_msteams_notifications              boolean NOT NULL DEFAULT false,
    enable_webhooks_notifications             boolean NOT NULL DEFAULT false,
    slack_channel                             text NOT NULL DEFAULT '' CHECK (char_length(slack_channel) <= 100),
    slack_username                            text NOT NULL DEFAULT '' CHECK (char_length(slack_username) <= 100),
    slack_token                               bytea,
    msteams_url                               bytea,
    mail_notifications_to                     text NOT NULL DEFAULT '' CHECK (char_length(mail_notifications_to) <= 200),
    email_from                                text NOT NULL DEFAULT 'no-reply@example.com' CHECK (char_length(email_from) <= 200),
    team_name                                 text NOT NULL DEFAULT '' CHECK (char_length(team_name) <= 100),
    webhooks_notifications_timeout            integer NOT NULL DEFAULT 10 CHECK (webhooks_notifications_timeout > 0), -- seconds
    disclaimer_notifications                  text NOT NULL DEFAULT '' CHECK (char_length(disclaimer_notifications) <= 3000),
    enable_finding_sla                        boolean NOT NULL DEFAULT true,
    enable_notify_sla_active                  boolean NOT NULL DEFAULT false,
    enable_notify_sla_active_verified         boolean NOT NULL DEFAULT false,
    enable_notify_sla_jira_only               boolean NOT NULL DEFAULT false,
    enable_notify_sla_exponential_backoff     boolean NOT NULL DEFAULT false,
    engagement_auto_close                     boolean NOT NULL DEFAULT false,
    engagement_auto_close_days                integer NOT NULL DEFAULT 3 CHECK (engagement_auto_close_days >= 0),
    risk_acceptance_notify_before_expiration  integer DEFAULT 10 CHECK (risk_acceptance_notify_before_expiration >= 0), -- days
    risk_acceptance_form_default_days         integer DEFAULT 180 CHECK (risk_acceptance_form_default_days >= 0)
);

INSERT INTO system_settings DEFAULT VALUES;
