//! The variables of the jobs. Each field's doc is its help text.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use clap::Args;

use crate::job::Job;
use crate::timing::Timing;

/// When jobs run, and what they go by.
#[derive(Clone, Debug, Args)]
pub struct ScheduleConfig {
    /// Time zone in which schedules are read and days begin, e.g. Europe/Berlin
    #[arg(long, env = "DD_SCHEDULE_TIME_ZONE", default_value = "UTC", value_parser = zone)]
    pub schedule_time_zone: Tz,
    /// When upcoming engagements are told of (cron expression of five fields)
    #[arg(
        long,
        env = "DD_SCHEDULE_UPCOMING_ENGAGEMENT",
        default_value = "0 * * * *"
    )]
    pub schedule_upcoming_engagement: Timing,
    /// When stale engagements are told of (cron expression)
    #[arg(
        long,
        env = "DD_SCHEDULE_STALE_ENGAGEMENT",
        default_value = "0 * * * *"
    )]
    pub schedule_stale_engagement: Timing,
    /// When engagements are closed that are past their end (cron expression)
    #[arg(
        long,
        env = "DD_SCHEDULE_AUTO_CLOSE_ENGAGEMENT",
        default_value = "0 * * * *"
    )]
    pub schedule_auto_close_engagement: Timing,
    /// When people are told of SLAs (cron expression)
    #[arg(long, env = "DD_SCHEDULE_SLA", default_value = "30 7 * * *")]
    pub schedule_sla: Timing,
    /// When people are told of risk acceptances that end (cron expression)
    #[arg(
        long,
        env = "DD_SCHEDULE_RISK_ACCEPTANCE",
        default_value = "0 */3 * * *"
    )]
    pub schedule_risk_acceptance: Timing,
    /// When overdue states of webhook endpoints are stored (cron expression)
    #[arg(long, env = "DD_SCHEDULE_WEBHOOK_STATES", default_value = "* * * * *")]
    pub schedule_webhook_states: Timing,
    /// When alert lists are cut to their length (cron expression)
    #[arg(long, env = "DD_SCHEDULE_TRIM_ALERTS", default_value = "0 */8 * * *")]
    pub schedule_trim_alerts: Timing,
    /// When what is old is deleted (cron expression)
    #[arg(long, env = "DD_SCHEDULE_RETENTION", default_value = "20 2 * * *")]
    pub schedule_retention: Timing,
    /// How many days before its start an engagement is told of; several are separated by commas
    #[arg(long, env = "DD_UPCOMING_ENGAGEMENT_DAYS", default_value = "3")]
    pub upcoming_engagement_days: Thresholds,
    /// How many days before the end of its SLA a finding is told of
    #[arg(long, env = "DD_SLA_NOTIFY_PRE_BREACH", default_value = "3", value_parser = days())]
    pub sla_notify_pre_breach: i32,
    /// How many days after the end of its SLA a finding is told of
    #[arg(long, env = "DD_SLA_NOTIFY_POST_BREACH", default_value = "7", value_parser = days())]
    pub sla_notify_post_breach: i32,
    /// How many findings of a product have a notice each; of more there are combined notices only
    #[arg(long, env = "DD_SLA_SINGLE_NOTICES_PER_PRODUCT", default_value = "50")]
    pub sla_single_notices_per_product: u32,
    /// How many findings have a notice each in one run; the products with the most are left to
    /// combined notices first
    #[arg(long, env = "DD_SLA_SINGLE_NOTICES_PER_RUN", default_value = "1000")]
    pub sla_single_notices_per_run: u32,
    /// How many alerts a person keeps, the newest; -1: all
    #[arg(
        long,
        env = "DD_MAX_ALERTS_PER_USER",
        default_value = "999",
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(i64).range(-1..)
    )]
    pub max_alerts_per_user: i64,
    /// How many days attempts and decisions are kept, and removed alerts and dead letters that
    /// somebody dealt with; more than what retries and a downtime take
    #[arg(long, env = "DD_RETENTION_LEDGER_DAYS", default_value = "90", value_parser = clap::value_parser!(u32).range(14..=36_500))]
    pub retention_ledger_days: u32,
    /// How many days dead letters are kept that nobody dealt with
    #[arg(long, env = "DD_RETENTION_DEAD_LETTERS_DAYS", default_value = "365", value_parser = clap::value_parser!(u32).range(14..=36_500))]
    pub retention_dead_letters_days: u32,
}

impl ScheduleConfig {
    /// When a job is due.
    #[must_use]
    pub const fn timing(&self, job: Job) -> &Timing {
        match job {
            Job::UpcomingEngagement => &self.schedule_upcoming_engagement,
            Job::StaleEngagement => &self.schedule_stale_engagement,
            Job::AutoCloseEngagement => &self.schedule_auto_close_engagement,
            Job::Sla => &self.schedule_sla,
            Job::RiskAcceptance => &self.schedule_risk_acceptance,
            Job::WebhookStates => &self.schedule_webhook_states,
            Job::TrimAlerts => &self.schedule_trim_alerts,
            Job::Retention => &self.schedule_retention,
        }
    }

    /// The day it is at a moment, where people live.
    #[must_use]
    pub fn day(&self, moment: DateTime<Utc>) -> NaiveDate {
        let zone = self.schedule_time_zone;
        zone.from_utc_datetime(&moment.naive_utc()).date_naive()
    }
}

/// Days before something, each of which is told of once: at least one, the fewest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thresholds(BTreeSet<u16>);

impl Thresholds {
    /// The most days.
    #[must_use]
    pub fn longest(&self) -> TimeDelta {
        TimeDelta::days(self.0.last().copied().unwrap_or_default().into())
    }

    /// The threshold that counts with so many days left: the nearest that is not over.
    #[must_use]
    pub fn reached(&self, days_left: i64) -> Option<u16> {
        let mut all = self.0.iter().copied();
        all.find(|days| days_left <= i64::from(*days))
    }
}

impl FromStr for Thresholds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = |part: &str| match part.trim().parse() {
            Ok(days @ 0..=3650) => Ok(days),
            _ => Err(format!(
                "\"{}\" is no number of days; write whole numbers from 0 to 3650, separated by commas",
                part.trim()
            )),
        };
        text.split(',')
            .map(read)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl fmt::Display for Thresholds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(u16::to_string).collect();
        f.write_str(&all.join(","))
    }
}

fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| {
        "no time zone; write its name in the IANA database, e.g. Europe/Berlin".to_owned()
    })
}

/// Days as SLAs have them.
fn days() -> clap::builder::RangedI64ValueParser<i32> {
    clap::value_parser!(i32).range(0..=3650)
}
