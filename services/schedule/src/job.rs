//! The jobs, by name.

use std::fmt;
use std::str::FromStr;

/// Something that is done when its time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Job {
    /// Tells leads of engagements that begin soon.
    UpcomingEngagement,
    /// Tells leads of engagements that are past their end and still in progress.
    StaleEngagement,
    /// Closes engagements that are past their end for long.
    AutoCloseEngagement,
    /// Tells of findings whose SLA ends or has ended.
    Sla,
    /// Tells of risk acceptances that end or have ended.
    RiskAcceptance,
    /// Stores what time has made of webhook endpoints.
    WebhookStates,
    /// Cuts alert lists to their length.
    TrimAlerts,
    /// Deletes what is old.
    Retention,
}

impl Job {
    /// Every job.
    pub const ALL: [Self; 8] = [
        Self::UpcomingEngagement,
        Self::StaleEngagement,
        Self::AutoCloseEngagement,
        Self::Sla,
        Self::RiskAcceptance,
        Self::WebhookStates,
        Self::TrimAlerts,
        Self::Retention,
    ];

    /// Its name on the command line, in the table of jobs and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UpcomingEngagement => "upcoming-engagement",
            Self::StaleEngagement => "stale-engagement",
            Self::AutoCloseEngagement => "auto-close-engagement",
            Self::Sla => "sla",
            Self::RiskAcceptance => "risk-acceptance",
            Self::WebhookStates => "webhook-states",
            Self::TrimAlerts => "trim-alerts",
            Self::Retention => "retention",
        }
    }

    /// Whether it tells somebody something; the others clean up.
    #[must_use]
    pub const fn tells(self) -> bool {
        match self {
            Self::UpcomingEngagement
            | Self::StaleEngagement
            | Self::AutoCloseEngagement
            | Self::Sla
            | Self::RiskAcceptance => true,
            Self::WebhookStates | Self::TrimAlerts | Self::Retention => false,
        }
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no job.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no job; the jobs are {names}", names = Job::ALL.map(Job::as_str).join(", "))]
pub struct UnknownJob(pub String);

impl FromStr for Job {
    type Err = UnknownJob;

    fn from_str(text: &str) -> Result<Self, UnknownJob> {
        Self::ALL
            .into_iter()
            .find(|job| job.as_str() == text)
            .ok_or_else(|| UnknownJob(text.to_owned()))
    }
}
