-- What the demo switches on: mails and webhooks for everything, on the system's own channels.
UPDATE system_settings
SET enable_mail_notifications = true, enable_webhooks_notifications = true,
    mail_notifications_to = 'appsec@hafen.example', email_from = 'dojo@hafen.example', team_name = 'Hafen';
UPDATE rules
SET channels = (
    SELECT jsonb_object_agg(name, '["alert", "mail", "webhooks"]'::jsonb)
    FROM unnest(ARRAY['product_type_added', 'product_added', 'engagement_added', 'test_added', 'scan_added',
                      'scan_added_empty', 'jira_update', 'upcoming_engagement', 'stale_engagement',
                      'auto_close_engagement', 'close_engagement', 'user_mentioned', 'code_review',
                      'review_requested', 'other', 'sla_breach', 'sla_breach_combined', 'risk_acceptance_expiration']) AS name)
WHERE scope = 'system';
