//! Alerts: rows in the database, written in groups.

use delivery::{Channel, Composer, Task};
use proto_events::{Outcome, Reason, Receipt, Target, ids};
use store::{NewAlert, Store};

use crate::config::Config;

/// The alert list.
pub struct AlertChannel {
    composer: Composer,
    store: Store,
}

impl AlertChannel {
    /// Makes the channel.
    ///
    /// # Errors
    /// If a template is broken.
    pub fn new(config: &Config, store: &Store) -> anyhow::Result<Self> {
        Ok(Self {
            composer: Composer::new(&config.delivery)?,
            store: store.clone(),
        })
    }
}

impl Channel for AlertChannel {
    type Job = Vec<NewAlert>;
    const BATCH: usize = 64;
    /// An alert's id is made of event and user, so its row is its own ledger entry.
    const LEDGER: bool = false;

    fn composer(&self) -> Option<&Composer> {
        Some(&self.composer)
    }

    fn prepare(&self, task: Task) -> Result<Vec<NewAlert>, Outcome> {
        let Target::Alert { recipients } = &task.job.to else {
            return Err(Outcome::rejected(
                Reason::Internal,
                format!("a job for {} on the queue of alerts", task.job.to.channel()),
            ));
        };
        let text = messages::alert(&self.composer.message(&task)?);
        let (source, id) = (&task.event.source, &task.event.id);
        Ok(recipients
            .iter()
            .map(|user| NewAlert {
                id: ids::alert(source, id, *user),
                user: *user,
                title: text.title.clone(),
                description: text.description.clone(),
                url: text.url.clone(),
                icon: text.icon.clone(),
                source: text.source.clone(),
                event_source: source.clone(),
                event_id: id.clone(),
            })
            .collect())
    }

    async fn deliver(&self, alerts: &Vec<NewAlert>) -> Outcome {
        let outcomes = self.write(std::slice::from_ref(alerts)).await;
        outcomes
            .into_iter()
            .next()
            .unwrap_or_else(|| Outcome::Delivered(Receipt::default()))
    }

    async fn deliver_many(&self, jobs: &[Vec<NewAlert>]) -> Vec<Outcome> {
        self.write(jobs).await
    }
}

impl AlertChannel {
    /// Writes the alerts of several jobs together. A job all of whose people are gone is
    /// given up; where some are left, they have their alert.
    async fn write(&self, jobs: &[Vec<NewAlert>]) -> Vec<Outcome> {
        let together: Vec<NewAlert> = jobs.iter().flatten().cloned().collect();
        let gone = match self.store.insert_alerts(&together).await {
            Ok(written) => written.gone,
            Err(error) => {
                let reason = if error.is_temporary() {
                    Reason::Connection
                } else {
                    Reason::Internal
                };
                return vec![Outcome::retry(reason, error.to_string()); jobs.len()];
            }
        };
        if !gone.is_empty() {
            tracing::info!(
                recipients = gone.len(),
                "alerts for people who are gone or inactive were not written"
            );
        }
        let is_gone = |alert: &NewAlert| alert.user.is_some_and(|user| gone.contains(&user));
        jobs.iter()
            .map(|alerts| match alerts.iter().all(is_gone) {
                true if !alerts.is_empty() => {
                    Outcome::rejected(Reason::RecipientGone, "every recipient is gone or inactive")
                }
                _ => Outcome::Delivered(Receipt::default()),
            })
            .collect()
    }
}
