//! What people chose upstream, taken over once: rules, System Settings and webhook endpoints
//! are ours after that, so each is written only while nothing of it is here.

use chrono::{DateTime, Utc};
use proto_events::directory::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::error::StoreError;
use crate::rows::{json, owned, text};
use crate::secret_change::SecretChange;
use crate::settings::{MSTEAMS_URL, SLACK_TOKEN};
use crate::store::Store;
use crate::webhooks::NewWebhook;

/// System Settings whole, but for the two secrets: what routing reads, and what the
/// scheduler does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SystemSettings {
    /// What routing and texts read.
    #[serde(flatten)]
    pub settings: Settings,
    /// Findings have an SLA.
    pub enable_finding_sla: bool,
    /// People are told of the SLA of active findings.
    pub enable_notify_sla_active: bool,
    /// People are told of the SLA of active findings that somebody verified.
    pub enable_notify_sla_active_verified: bool,
    /// Only findings with a JIRA issue count.
    pub enable_notify_sla_jira_only: bool,
    /// After a breach people are told after 1, 2, 4 … days.
    pub enable_notify_sla_exponential_backoff: bool,
    /// Engagements are closed when their time is over.
    pub engagement_auto_close: bool,
    /// Days from an engagement's end until it is closed.
    pub engagement_auto_close_days: i32,
    /// Days before the expiration of a risk acceptance when people are told.
    pub risk_acceptance_notify_before_expiration: Option<i32>,
    /// Days that a risk acceptance lasts unless somebody says otherwise.
    pub risk_acceptance_form_default_days: Option<i32>,
}

impl Default for SystemSettings {
    /// DefectDojo's defaults (`system_settings/models.py`), as in the table's definition.
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            enable_finding_sla: true,
            enable_notify_sla_active: false,
            enable_notify_sla_active_verified: false,
            enable_notify_sla_jira_only: false,
            enable_notify_sla_exponential_backoff: false,
            engagement_auto_close: false,
            engagement_auto_close_days: 3,
            risk_acceptance_notify_before_expiration: Some(10),
            risk_acceptance_form_default_days: Some(180),
        }
    }
}

/// A webhook endpoint as it stands upstream, its status included.
#[derive(Clone, Debug)]
pub struct UpstreamWebhook {
    /// The endpoint.
    pub webhook: NewWebhook,
    /// One of DefectDojo's four states, e.g. `inactive_tmp`.
    pub status: String,
    /// When its trouble began.
    pub first_error: Option<DateTime<Utc>>,
    /// When it failed last.
    pub last_error: Option<DateTime<Utc>>,
    /// What is noted about it.
    pub note: Option<String>,
    /// Whether a person switched it off.
    pub disabled_by_person: bool,
}

/// What is here already of what people choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChoicesMade {
    /// Rules other than those that everybody gets.
    pub rules: bool,
    /// System Settings other than the defaults.
    pub settings: bool,
    /// Webhook endpoints.
    pub webhooks: bool,
}

impl Store {
    /// Looks what is here of what people choose.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn choices_made(&self) -> Result<ChoicesMade, StoreError> {
        let defaults = json(serde_json::to_value(SystemSettings::default())?);
        Ok(sqlx::query_as!(
            ChoicesMade,
            r#"SELECT EXISTS (SELECT FROM rules WHERE scope IN ('template', 'product') OR channels <> '{}') AS "rules!",
                      EXISTS (SELECT FROM system_settings AS it
                              WHERE slack_token IS NOT NULL OR msteams_url IS NOT NULL
                                 OR NOT to_jsonb(it) @> $1) AS "settings!",
                      EXISTS (SELECT FROM notification_webhooks) AS "webhooks!""#,
            defaults
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Writes System Settings with their secrets; false if they are not those of a version any
    /// more, where one is given.
    ///
    /// # Errors
    /// If the database is away, a text is longer than DefectDojo allows, or there is a secret
    /// and no key to encrypt it with.
    pub async fn put_system_settings(
        &self,
        settings: &SystemSettings,
        slack_token: &SecretChange,
        msteams_url: &SecretChange,
        version: Option<&str>,
    ) -> Result<bool, StoreError> {
        let (leave_token, token) = self.sealed(SLACK_TOKEN, slack_token)?;
        let (leave_url, url) = self.sealed(MSTEAMS_URL, msteams_url)?;
        let written = sqlx::query!(
            "UPDATE system_settings AS s SET
                 enable_mail_notifications = new.enable_mail_notifications,
                 enable_slack_notifications = new.enable_slack_notifications,
                 enable_msteams_notifications = new.enable_msteams_notifications,
                 enable_webhooks_notifications = new.enable_webhooks_notifications,
                 slack_channel = new.slack_channel, slack_username = new.slack_username,
                 mail_notifications_to = new.mail_notifications_to, email_from = new.email_from,
                 team_name = new.team_name,
                 webhooks_notifications_timeout = new.webhooks_notifications_timeout,
                 disclaimer_notifications = new.disclaimer_notifications,
                 enable_finding_sla = new.enable_finding_sla,
                 enable_notify_sla_active = new.enable_notify_sla_active,
                 enable_notify_sla_active_verified = new.enable_notify_sla_active_verified,
                 enable_notify_sla_jira_only = new.enable_notify_sla_jira_only,
                 enable_notify_sla_exponential_backoff = new.enable_notify_sla_exponential_backoff,
                 engagement_auto_close = new.engagement_auto_close,
                 engagement_auto_close_days = new.engagement_auto_close_days,
                 risk_acceptance_notify_before_expiration = new.risk_acceptance_notify_before_expiration,
                 risk_acceptance_form_default_days = new.risk_acceptance_form_default_days,
                 slack_token = CASE WHEN $2 THEN s.slack_token ELSE $3 END,
                 msteams_url = CASE WHEN $4 THEN s.msteams_url ELSE $5 END
             FROM jsonb_populate_record(NULL::system_settings, $1) AS new
             WHERE $6::text IS NULL OR s.xmin::text = $6",
            json(serde_json::to_value(settings)?),
            leave_token,
            token,
            leave_url,
            url,
            version
        )
        .execute(&self.pool)
        .await?;
        Ok(written.rows_affected() > 0)
    }

    /// Writes endpoints as they stand upstream, all or none of them.
    ///
    /// # Errors
    /// If the database is away, a text is too long, an owner is unknown, a name is taken, or
    /// there is no key to encrypt a header's value with.
    pub async fn add_upstream_webhooks(
        &self,
        webhooks: &[UpstreamWebhook],
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for webhook in webhooks {
            let id = add(&mut transaction, webhook).await?;
            let value = webhook.webhook.header_value.as_ref();
            self.write_header_value(&mut transaction, id, value).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Writes an endpoint without its header's value, which is sealed for the row's id.
async fn add(database: &mut PgConnection, it: &UpstreamWebhook) -> Result<i64, StoreError> {
    let header_name = it.webhook.header_name.as_deref();
    let header_name = header_name.filter(|name| !name.is_empty()).map(owned);
    Ok(sqlx::query_scalar!(
        "INSERT INTO notification_webhooks (name, url, header_name, owner, status, first_error,
                                            last_error, note, disabled_by_person)
         VALUES ($1, $2, $3, $4, $5, $6,
                 -- One that sleeps must say since when.
                 CASE WHEN $5 = 'inactive_tmp' THEN coalesce($7, $6, now()) ELSE $7 END, $8, $9)
         RETURNING id",
        &text(&it.webhook.name),
        &text(&it.webhook.url),
        header_name,
        it.webhook.owner,
        &it.status,
        it.first_error,
        it.last_error,
        it.note.as_deref().map(owned),
        it.disabled_by_person,
    )
    .fetch_one(database)
    .await?)
}
