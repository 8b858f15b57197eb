//! Superusers hear of what was finally given up, as in DefectDojo (`notifications/helper.py`,
//! `_log_alert`), but at most once an hour of each destination.
//!
//! An alert is known by its destination and hour, and the alert list takes each once: no two
//! replicas tell the same, and nothing need be remembered over a restart.

use std::collections::HashSet;
use std::sync::Arc;

use chassis::broker::{Outgoing, Published, Publisher, PublisherStopped};
use chrono::Utc;
use proto_events::job::VERSION;
use proto_events::{Channel, DestinationId, Job, Names, Reason, Service, Target, ids};
use serde_json::json;
use serde_json::value::to_raw_value;
use store::{Overseen, Store, StoreError};

const SECONDS_AN_HOUR: i64 = 3600;

/// A delivery that was given up.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) destination: DestinationId,
    pub(crate) reason: Reason,
    pub(crate) detail: String,
}

impl Failure {
    /// Whether superusers hear of it: somebody who has left is no fault of anybody's.
    pub(crate) fn is_news(&self) -> bool {
        self.reason != Reason::RecipientGone
    }
}

/// Tells superusers.
#[derive(Clone)]
pub(crate) struct FailureAlerts {
    service: Service,
    names: Names,
    store: Store,
    publisher: Publisher,
    /// The hour, counted from 1970, and of which destinations this process told in it.
    told: (i64, HashSet<DestinationId>),
}

impl FailureAlerts {
    pub(crate) fn new(service: Service, names: Names, store: Store, publisher: Publisher) -> Self {
        Self {
            service,
            names,
            store,
            publisher,
            told: (0, HashSet::new()),
        }
    }

    /// Publishes an alert job for each destination that was not told of in this hour.
    ///
    /// # Errors
    /// [`PublisherStopped`] after a fault of the publishing side. What the database or the
    /// broker's bindings keep from being told is logged: an alert about a failure must not
    /// hold up what it is about.
    pub(crate) async fn tell(&mut self, failures: Vec<Failure>) -> Result<(), PublisherStopped> {
        let now = Utc::now().timestamp();
        let hour = now / SECONDS_AN_HOUR;
        if self.told.0 != hour {
            self.told = (hour, HashSet::new());
        }
        let mut messages = Vec::new();
        for failure in failures {
            let destination = failure.destination;
            if self.told.1.contains(&destination) {
                continue;
            }
            match self.alert(&failure, hour).await {
                Ok(alert) => {
                    self.told.1.insert(destination);
                    messages.extend(alert);
                }
                Err(error) => {
                    tracing::warn!(%error, destination, "superusers are not told of a failure");
                }
            }
        }
        if messages.is_empty() {
            return Ok(());
        }
        for published in self.publisher.publish(&messages).await? {
            if published != Published::Confirmed {
                tracing::warn!(?published, "superusers are not told of a failure");
            }
        }
        Ok(())
    }

    /// The alert job; none if there are no superusers.
    async fn alert(&self, failure: &Failure, hour: i64) -> Result<Option<Outgoing>, StoreError> {
        let Overseen {
            superusers,
            destination,
        } = self.store.overseen(failure.destination).await?;
        if superusers.is_empty() {
            return Ok(None);
        }
        let source = format!("dojo-notify/{}", self.service);
        let id = format!("{}{}/{hour}", ids::GIVEN_UP, failure.destination);
        let event = to_raw_value(&json!({
            "specversion": "1.0", "id": id, "source": source, "type": "com.defectdojo.other",
            "time": Utc::now(),
            "data": {
                "title": format!("Notification issue: {} to {destination}", self.channel()),
                "description": format!(
                    "A delivery was given up: {}: {}. What else fails there within the hour is not told; \
                     the dead letters have everything (notifyctl dead-letters list --service {}).",
                    failure.reason, failure.detail, self.service
                ),
                "icon": "exclamation-triangle",
                "source": "Notifications",
            }
        }))?;
        let to = Target::Alert {
            recipients: superusers.into_iter().map(Some).collect(),
        };
        let job = Job {
            version: VERSION,
            id: ids::job(&source, &id, &to),
            to,
            redacted: false,
            window: None,
            digest: None,
            event: Arc::from(event),
        };
        Ok(Some(Outgoing::job(&self.names, &job, Utc::now())?))
    }

    fn channel(&self) -> &'static str {
        self.service.channel().map_or("", Channel::as_str)
    }
}
