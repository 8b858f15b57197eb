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

    fn prepare(&self, task: Task) -> Result<Vec<NewAlert>, Outcome> {
        let Target::Alert { recipients } = &task.job.to else {
            return Err(Outcome::Rejected {
                reason: Reason::Internal,
                detail: format!("a job for {} on the queue of alerts", task.job.to.channel()),
            });
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
        self.write(alerts).await
    }

    async fn deliver_many(&self, jobs: &[Vec<NewAlert>]) -> Vec<Outcome> {
        let together: Vec<NewAlert> = jobs.iter().flatten().cloned().collect();
        vec![self.write(&together).await; jobs.len()]
    }
}

impl AlertChannel {
    async fn write(&self, alerts: &[NewAlert]) -> Outcome {
        match self.store.insert_alerts(alerts).await {
            Ok(_) => Outcome::Delivered(Receipt::default()),
            Err(error) => Outcome::Retry {
                reason: if error.is_temporary() {
                    Reason::Connection
                } else {
                    Reason::Internal
                },
                detail: error.to_string(),
                after: None,
            },
        }
    }
}
