-- What each service may do with the tables: one role for each, with no right that it does not use.
--
-- `notifyctl migrate --roles` runs this after the migrations, and it may be run again. A role that is
-- missing is made without a password, so nobody can log in as it before one is set:
--     ALTER ROLE dojo_notify_slack_sender PASSWORD '…';
-- Roles belong to the whole server: installations that share one share the names, and each
-- database grants on its own.

DO $$
DECLARE
    service text;
BEGIN
    FOREACH service IN ARRAY ARRAY['event_router', 'directory_sync', 'email_sender', 'slack_sender', 'teams_sender',
                                   'webhook_sender', 'alert_writer', 'scheduler', 'api', 'keda']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dojo_notify_' || service) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', 'dojo_notify_' || service);
        END IF;
    END LOOP;
END $$;

-- A right that an older release gave and this one does not ends here.
REVOKE ALL ON ALL TABLES IN SCHEMA public
    FROM dojo_notify_event_router, dojo_notify_directory_sync, dojo_notify_email_sender, dojo_notify_slack_sender,
         dojo_notify_teams_sender, dojo_notify_webhook_sender, dojo_notify_alert_writer, dojo_notify_scheduler,
         dojo_notify_api, dojo_notify_keda;

-- Whether the schema is the one a release needs; and what was given up, which a service files and,
-- where it comes again, sets back to waiting.
GRANT SELECT ON _sqlx_migrations
    TO dojo_notify_event_router, dojo_notify_directory_sync, dojo_notify_email_sender, dojo_notify_slack_sender,
       dojo_notify_teams_sender, dojo_notify_webhook_sender, dojo_notify_alert_writer, dojo_notify_scheduler,
       dojo_notify_api;
GRANT SELECT, INSERT, UPDATE (resolved_at, resolution, created_at) ON dead_letters
    TO dojo_notify_event_router, dojo_notify_directory_sync, dojo_notify_email_sender, dojo_notify_slack_sender,
       dojo_notify_teams_sender, dojo_notify_webhook_sender, dojo_notify_alert_writer, dojo_notify_scheduler;

-- The router reads the directory and its log, which it prunes, and records events.
GRANT SELECT ON users, product_types, products, groups, group_members, memberships, rules, system_settings,
                destinations, timetables, notification_webhooks, webhook_states
    TO dojo_notify_event_router;
-- Rows are locked before they are removed, for which PostgreSQL asks for UPDATE.
GRANT SELECT, UPDATE, DELETE ON change_log TO dojo_notify_event_router;
GRANT SELECT, UPDATE ON change_log_horizon TO dojo_notify_event_router;
GRANT SELECT, INSERT ON events TO dojo_notify_event_router;
-- It also looks around for metrics: what waits, and who rests.
GRANT SELECT ON parked_jobs, pauses TO dojo_notify_event_router;

-- The directory's keeper. Triggers act as whoever writes: new people get a rule, addresses become
-- destinations, and every change is logged.
GRANT SELECT, INSERT, UPDATE, DELETE
    ON users, product_types, products, groups, group_members, memberships, engagements, tests, findings,
       risk_acceptances, directory_objects
    TO dojo_notify_directory_sync;
GRANT SELECT, INSERT ON rules TO dojo_notify_directory_sync;
GRANT SELECT, INSERT, UPDATE ON destinations TO dojo_notify_directory_sync;
GRANT SELECT, INSERT ON change_log TO dojo_notify_directory_sync;

-- Senders read where a job goes, and keep the ledger, the lines, the pauses and the rates.
GRANT SELECT ON users, system_settings, destinations, notification_webhooks, webhook_states, slack_lookups
    TO dojo_notify_email_sender, dojo_notify_slack_sender, dojo_notify_teams_sender, dojo_notify_webhook_sender,
       dojo_notify_alert_writer;
GRANT SELECT, INSERT, UPDATE ON deliveries, pauses, attempt_slots
    TO dojo_notify_email_sender, dojo_notify_slack_sender, dojo_notify_teams_sender, dojo_notify_webhook_sender,
       dojo_notify_alert_writer;
-- What people wrote in the place of built-in templates.
GRANT SELECT ON templates
    TO dojo_notify_email_sender, dojo_notify_slack_sender, dojo_notify_teams_sender, dojo_notify_webhook_sender,
       dojo_notify_alert_writer;
-- Whether a person holds their channel.
GRANT SELECT ON holds
    TO dojo_notify_email_sender, dojo_notify_slack_sender, dojo_notify_teams_sender, dojo_notify_webhook_sender,
       dojo_notify_alert_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON parked_jobs
    TO dojo_notify_email_sender, dojo_notify_slack_sender, dojo_notify_teams_sender, dojo_notify_webhook_sender,
       dojo_notify_alert_writer;

-- Slack: people who were looked up, and threads.
GRANT INSERT, UPDATE ON slack_lookups TO dojo_notify_slack_sender;
GRANT SELECT, INSERT, UPDATE ON slack_threads TO dojo_notify_slack_sender;

-- Webhooks: outcomes move endpoints. Triggers note the move and keep destinations in step.
GRANT UPDATE (status, first_error, last_error, note, state_since) ON notification_webhooks
    TO dojo_notify_webhook_sender;
GRANT SELECT, INSERT, DELETE ON webhook_transitions TO dojo_notify_webhook_sender;
GRANT INSERT, UPDATE ON destinations TO dojo_notify_webhook_sender;
GRANT INSERT ON change_log TO dojo_notify_webhook_sender;

-- In-app alerts.
GRANT SELECT, INSERT ON alerts TO dojo_notify_alert_writer;

-- The scheduler reads what has a date, remembers what it told, and removes what is old enough.
GRANT SELECT ON engagement_facts, sla_findings, live_findings, live_risk_acceptances, tests, system_settings,
                webhook_states, notification_webhooks
    TO dojo_notify_scheduler;
GRANT SELECT, INSERT, UPDATE, DELETE ON scheduler_lease, scheduled_jobs, scheduled_notices TO dojo_notify_scheduler;
GRANT SELECT, UPDATE, DELETE ON alerts TO dojo_notify_scheduler;
GRANT SELECT, DELETE ON deliveries, events, dead_letters TO dojo_notify_scheduler;
-- Rows are locked before they are removed.
GRANT UPDATE (resolved_at) ON dead_letters TO dojo_notify_scheduler;
GRANT UPDATE (lease_until) ON deliveries TO dojo_notify_scheduler;
GRANT UPDATE (decided_at) ON events TO dojo_notify_scheduler;
GRANT UPDATE (status, first_error, last_error, note, state_since) ON notification_webhooks TO dojo_notify_scheduler;
GRANT SELECT, INSERT, DELETE ON webhook_transitions TO dojo_notify_scheduler;
GRANT SELECT, INSERT, UPDATE ON destinations TO dojo_notify_scheduler;
GRANT INSERT ON change_log TO dojo_notify_scheduler;
-- It keeps jobs until they are due, and looks again at whom they are for.
GRANT SELECT, INSERT, UPDATE, DELETE ON held_jobs TO dojo_notify_scheduler;
GRANT SELECT ON users, product_types, products, groups, group_members, memberships, rules, timetables,
                change_log_horizon
    TO dojo_notify_scheduler;

-- The API reads nearly all of it, and writes what people choose: rules, settings, endpoints, destinations.
GRANT SELECT ON users, product_types, products, groups, group_members, memberships, system_settings, webhook_states,
                events, deliveries
    TO dojo_notify_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON rules, notification_webhooks TO dojo_notify_api;
GRANT UPDATE ON system_settings TO dojo_notify_api;
GRANT SELECT, INSERT, UPDATE ON destinations TO dojo_notify_api;
GRANT SELECT, INSERT, DELETE ON webhook_transitions TO dojo_notify_api;
GRANT INSERT ON change_log TO dojo_notify_api;
-- Whoever asks why an event reaches whom is answered with the directory, which is read with its place in the log.
GRANT SELECT ON timetables, change_log_horizon TO dojo_notify_api;
-- People mark and remove their alerts, and deal with what was given up.
GRANT SELECT, UPDATE (read_at, removed_at) ON alerts TO dojo_notify_api;
GRANT SELECT, UPDATE (resolved_at, resolution) ON dead_letters TO dojo_notify_api;
-- People make and revoke tokens for themselves, and sign in with them.
GRANT SELECT, INSERT, UPDATE (used_at, revoked_at) ON api_tokens TO dojo_notify_api;
GRANT SELECT, INSERT, DELETE ON sessions TO dojo_notify_api;
-- They write templates, and choose when they hear of what they are told: a timetable is replaced as a whole.
GRANT SELECT, INSERT, UPDATE, DELETE ON templates TO dojo_notify_api;
GRANT INSERT, DELETE ON timetables TO dojo_notify_api;
-- They see how many jobs wait for an endpoint, and nothing of them.
GRANT SELECT (service, destination) ON parked_jobs TO dojo_notify_api;
-- An event's story tells what waits, and why; not what it says.
GRANT SELECT (sequence, job_id, service, destination, attempt, reason, due, parked_at) ON parked_jobs TO dojo_notify_api;
GRANT SELECT (job_id, due, message, held_at, outcome) ON held_jobs TO dojo_notify_api;
GRANT SELECT ON pauses, holds TO dojo_notify_api;

-- What wakes a sender that was scaled to zero: how many lines may move, and nothing of them.
GRANT SELECT ON due_lines TO dojo_notify_keda;
