//! The jobs that clean up: batch by batch, so that nobody waits for them.

use chrono::{DateTime, TimeDelta, Utc};
use store::scheduling::retention::{Cutoffs, Outdated};

use crate::job::Job;
use crate::report::Report;
use crate::run::{RunError, Runner};

/// How long it is remembered what was told: longer than any notice can come again.
const NOTICES_KEPT: TimeDelta = TimeDelta::days(400);

impl Runner {
    pub(crate) async fn clean(
        &self,
        job: Job,
        now: DateTime<Utc>,
        report: &mut Report,
    ) -> Result<(), RunError> {
        match job {
            Job::WebhookStates => {
                let stored = self.store.store_webhook_states().await?;
                report.clean("notification_webhooks", stored);
            }
            Job::TrimAlerts => {
                while let Some(keep) = self.alerts_kept() {
                    let removed = self.store.trim_alerts(keep, now).await?;
                    report.clean("alerts", removed);
                    if removed == 0 {
                        break;
                    }
                }
            }
            Job::Retention => loop {
                let deleted = self.store.delete_outdated(self.cutoffs(now)).await?;
                note(deleted, report);
                if deleted.total() == 0 {
                    break;
                }
            },
            _ => {}
        }
        Ok(())
    }

    /// What [`Runner::clean`] would do.
    pub(crate) async fn count(
        &self,
        job: Job,
        now: DateTime<Utc>,
        report: &mut Report,
    ) -> Result<(), RunError> {
        match job {
            Job::WebhookStates => {
                let overdue = self.store.overdue_webhooks().await?;
                report.clean("notification_webhooks", overdue);
            }
            Job::TrimAlerts => {
                if let Some(keep) = self.alerts_kept() {
                    let beyond = self.store.alerts_beyond(keep).await?;
                    report.clean("alerts", beyond.unsigned_abs());
                }
            }
            Job::Retention => {
                note(self.store.count_outdated(self.cutoffs(now)).await?, report);
            }
            _ => {}
        }
        Ok(())
    }

    /// How many alerts a person keeps; none: all.
    fn alerts_kept(&self) -> Option<i64> {
        Some(self.config.max_alerts_per_user).filter(|keep| *keep >= 0)
    }

    fn cutoffs(&self, now: DateTime<Utc>) -> Cutoffs {
        let before = |days: u32| now - TimeDelta::days(days.into());
        Cutoffs {
            ledger: before(self.config.retention_ledger_days),
            dead_letters: before(self.config.retention_dead_letters_days),
            notices: now - NOTICES_KEPT,
        }
    }
}

fn note(rows: Outdated, report: &mut Report) {
    for (table, rows) in rows.by_table() {
        report.clean(table, rows.unsigned_abs());
    }
}
