//! The jobs that tell something: page by page from the store to the outlet.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use store::scheduling::engagements::EngagementFacts;
use store::scheduling::risk_acceptances::EndingAcceptance;
use store::scheduling::sla::SlaFinding;
use store::{StoreError, SystemSettings};

use crate::engagements::{self, Decision, Moment, STALE_FOR};
use crate::flood::{self, Limits, Product};
use crate::job::Job;
use crate::notice::Notice;
use crate::outlet::Outlet;
use crate::report::{Report, Skip};
use crate::risk_acceptances;
use crate::run::{Due, RunError, Runner};
use crate::sla::{self, Breach};

/// How many findings are in memory at once, unless a product has more notices of their own.
const FINDINGS: u64 = 2000;

impl Runner {
    pub(crate) async fn tell(
        &self,
        due: Due,
        now: DateTime<Utc>,
        outlet: &mut impl Outlet,
        report: &mut Report,
    ) -> Result<(), RunError> {
        let today = self.config.day(now);
        let at = Moment { now, today };
        let settings = self.store.system_settings().await?;
        match due.job {
            Job::UpcomingEngagement => self.tell_upcoming(at, outlet, report).await,
            Job::StaleEngagement => self.tell_stale(due.through, at, outlet, report).await,
            Job::AutoCloseEngagement => self.auto_close(&settings, at, outlet, report).await,
            Job::Sla => self.tell_sla(&settings, at, outlet, report).await,
            Job::RiskAcceptance => self.tell_acceptances(&settings, at, outlet, report).await,
            Job::WebhookStates | Job::TrimAlerts | Job::Retention => Ok(()),
        }
    }

    async fn tell_upcoming(
        &self,
        at: Moment,
        outlet: &mut impl Outlet,
        report: &mut Report,
    ) -> Result<(), RunError> {
        let thresholds = &self.config.upcoming_engagement_days;
        let last = at.today + thresholds.longest();
        let read = async |after| {
            self.store
                .engagements_beginning(at.today, last, after)
                .await
        };
        let decide = |it: &EngagementFacts| (it.id, engagements::upcoming(it, thresholds, at));
        page_by_page("engagement", read, decide, outlet, report).await
    }

    async fn tell_stale(
        &self,
        through: DateTime<Utc>,
        at: Moment,
        outlet: &mut impl Outlet,
        report: &mut Report,
    ) -> Result<(), RunError> {
        // As far back as the last run, and a little further for what is heard of late.
        let before_last_run = self.config.day(through) - TimeDelta::days(1);
        let first = before_last_run.min(at.today - STALE_FOR);
        let last = at.today - TimeDelta::days(1);
        let read = async |after| {
            self.store
                .engagements_ending(Some(first), last, after)
                .await
        };
        let decide = |it: &EngagementFacts| (it.id, engagements::stale(it, at));
        page_by_page("engagement", read, decide, outlet, report).await
    }

    async fn auto_close(
        &self,
        settings: &SystemSettings,
        at: Moment,
        outlet: &mut impl Outlet,
        report: &mut Report,
    ) -> Result<(), RunError> {
        let days = TimeDelta::days(settings.engagement_auto_close_days.into());
        let last = at.today.checked_sub_signed(days);
        let Some(last) = last.filter(|_| settings.engagement_auto_close) else {
            return Ok(());
        };
        let read = async |after| self.store.engagements_ending(None, last, after).await;
        let decide = |it: &EngagementFacts| (it.id, engagements::auto_close(it, days, at));
        page_by_page("engagement", read, decide, outlet, report).await
    }

    async fn tell_acceptances(
        &self,
        settings: &SystemSettings,
        at: Moment,
        outlet: &mut impl Outlet,
        report: &mut Report,
    ) -> Result<(), RunError> {
        // No setting and 0 both mean: not before.
        let ahead = settings.risk_acceptance_notify_before_expiration;
        let ahead = i64::from(ahead.unwrap_or_default());
        // Wide enough for every zone; which day it is, is decided below.
        let window = TimeDelta::days(ahead + 2);
        let before = at.now.checked_add_signed(window);
        let before = before.unwrap_or(DateTime::<Utc>::MAX_UTC);
        let read = async |after| self.store.acceptances_ending(before, after).await;
        let decide = |it: &EndingAcceptance| {
            let day = self.config.day(it.expiration_date);
            (it.id, risk_acceptances::ending(it, day, ahead, at))
        };
        page_by_page("risk_acceptance", read, decide, outlet, report).await
    }

    async fn tell_sla(
        &self,
        settings: &SystemSettings,
        at: Moment,
        outlet: &mut impl Outlet,
        report: &mut Report,
    ) -> Result<(), RunError> {
        let Some(filter) = sla::filter(settings, &self.config, at) else {
            return Ok(());
        };
        let limits = Limits {
            per_product: self.config.sla_single_notices_per_product.into(),
            per_run: self.config.sla_single_notices_per_run.into(),
        };
        let counts = self.store.sla_counts(&filter).await?;
        let (products, unknown) = flood::products(&counts, limits);
        if unknown > 0 {
            tracing::warn!(
                findings = unknown,
                "passed over: {}",
                Skip::UnknownSeverity.advice()
            );
            report.count_skipped(Skip::UnknownSeverity, unknown);
        }
        for portion in flood::portions(&products, FINDINGS) {
            let ids: Vec<i64> = portion.iter().map(|product| product.id).collect();
            let most = portion.iter().map(Product::longest_list).max();
            let most = i64::try_from(most.unwrap_or_default()).unwrap_or(i64::MAX);
            let findings = self.store.sla_findings(&filter, &ids, most).await?;
            outlet
                .tell(of_products(portion, &findings, at), report)
                .await?;
        }
        Ok(())
    }
}

/// The notices about products: group by group those about single findings, then the combined one.
fn of_products(products: &[Product], findings: &[SlaFinding], at: Moment) -> Vec<Notice> {
    let mut found: HashMap<(i64, Breach), Vec<&SlaFinding>> = HashMap::new();
    for finding in findings.iter().filter(|it| sla::is_known(&it.severity)) {
        let group = (finding.product, Breach::of(finding.days));
        found.entry(group).or_default().push(finding);
    }
    let mut notices = Vec::new();
    for product in products {
        for group in &product.groups {
            let found = found.remove(&(product.id, group.kind)).unwrap_or_default();
            if !product.is_flood {
                notices.extend(found.iter().map(|finding| sla::single(finding, at)));
            }
            notices.extend(sla::combined(product, group, &found, at));
        }
    }
    notices
}

/// Tells what is decided of objects, page by page by their ids. What is passed over is counted.
async fn page_by_page<T>(
    what: &str,
    read: impl AsyncFn(i64) -> Result<Vec<T>, StoreError>,
    decide: impl Fn(&T) -> (i64, Decision),
    outlet: &mut impl Outlet,
    report: &mut Report,
) -> Result<(), RunError> {
    let mut after = 0;
    loop {
        let page = read(after).await?;
        if page.is_empty() {
            return Ok(());
        }
        let mut notices = Vec::new();
        for (id, decision) in page.iter().map(&decide) {
            if let Some(why) = decision.skip {
                report.skip(what, id, why);
            }
            notices.extend(decision.notices);
            after = id;
        }
        outlet.tell(notices, report).await?;
    }
}
