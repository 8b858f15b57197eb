//! Rules, System Settings and webhook endpoints, taken over once. They are ours from then on:
//! each of the three is written only while nothing of it is here.

use std::collections::HashSet;

use anyhow::Context;
use delivery::endpoint::Endpoints;
use proto_events::Kind;
use serde_json::Value;
use store::{SecretChange, Store, UpstreamWebhook};

use super::choices::{self, Known};
use super::client::Client;
use super::lookups::all;
use super::report::Report;

/// What is read, where it may be written, and whether it shall be.
pub(super) struct Adoption<'a> {
    pub(super) client: &'a Client,
    pub(super) store: &'a Store,
    pub(super) page_size: u32,
    pub(super) is_rehearsal: bool,
    /// Judges where endpoints are.
    pub(super) endpoints: Endpoints,
}

impl Adoption<'_> {
    /// Takes over what people chose upstream, as far as nothing of it is here, or says what
    /// would be.
    pub(super) async fn adopt(&self, known: &Known, report: &mut Report) -> anyhow::Result<()> {
        let made = self.store.choices_made().await?;
        let here = |what| format!("{what}: there are some here already; nothing was changed.");
        report.notes.push(if made.rules {
            here("Rules")
        } else {
            self.rules(known).await?
        });
        report.notes.push(if made.settings {
            here("System Settings")
        } else {
            self.settings().await?
        });
        let webhooks = if made.webhooks {
            here("Webhook endpoints")
        } else {
            self.webhooks(known, report).await?
        };
        report.notes.push(webhooks);
        Ok(())
    }

    async fn rules(&self, known: &Known) -> anyhow::Result<String> {
        let rows = self.rows("notifications").await?;
        let (rules, left_out) =
            choices::rules(&rows, known).context("notifications cannot be read")?;
        if !self.is_rehearsal {
            let written = self.store.put_rules(&rules).await;
            written.context("rules cannot be taken over")?;
        }
        Ok(self.sentence("Rules", rules.len(), left_out))
    }

    async fn settings(&self) -> anyhow::Result<String> {
        let rows = self.rows("system_settings").await?;
        let Some(row) = rows.first() else {
            return Ok(self.sentence("System Settings", 0, 0));
        };
        let it = choices::settings(row).context("system_settings cannot be read")?;
        if !self.is_rehearsal {
            let token = SecretChange::from(it.slack_token.as_ref());
            let url = SecretChange::from(it.msteams_url.as_ref());
            let written = self
                .store
                .put_system_settings(&it.settings, &token, &url, None);
            written
                .await
                .context("System Settings cannot be taken over")?;
        }
        Ok(self.sentence("System Settings", 1, 0))
    }

    async fn webhooks(&self, known: &Known, report: &mut Report) -> anyhow::Result<String> {
        let rows = self.rows("notification_webhooks").await?;
        let mut webhooks = Vec::with_capacity(rows.len());
        for row in &rows {
            let webhook = choices::webhook(row, known);
            webhooks.extend(webhook.context("notification_webhooks cannot be read")?);
        }
        if !self.is_rehearsal {
            let written = self.store.add_upstream_webhooks(&webhooks).await;
            written.context("webhook endpoints cannot be taken over")?;
        }
        for UpstreamWebhook { webhook, .. } in &webhooks {
            if let Err(refusal) = self.endpoints.check(&webhook.url).await {
                let name = &webhook.name;
                report.notes.push(format!(
                    "Webhook endpoint {name} will get nothing: {refusal}."
                ));
            }
        }
        let left_out = rows.len() - webhooks.len();
        Ok(self.sentence("Webhook endpoints", webhooks.len(), left_out))
    }

    async fn rows(&self, list: &'static str) -> anyhow::Result<Vec<Value>> {
        Ok(all(self.client, list, self.page_size).await?)
    }

    fn sentence(&self, what: &str, taken: usize, left_out: usize) -> String {
        let done = if self.is_rehearsal {
            "would be taken over"
        } else {
            "taken over"
        };
        match left_out {
            0 => format!("{what}: {taken} {done}."),
            _ => format!(
                "{what}: {taken} {done}; {left_out} left out, which are of nobody who is here or route nothing."
            ),
        }
    }
}

impl Known {
    /// Who is here.
    pub(super) async fn here(store: &Store) -> anyhow::Result<Self> {
        let ids = |keys: Vec<String>| -> HashSet<i64> {
            keys.iter().filter_map(|key| key.parse().ok()).collect()
        };
        Ok(Self {
            users: ids(store.stored_keys(Kind::User).await?),
            products: ids(store.stored_keys(Kind::Product).await?),
        })
    }
}
