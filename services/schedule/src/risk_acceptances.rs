//! Risk acceptances that end: what is told of them.

use chrono::{DateTime, NaiveDate, Utc};
use proto_events::payload::{EventData, RiskAcceptanceObject};
use store::scheduling::risk_acceptances::EndingAcceptance;

use crate::engagements::{Decision, Moment};
use crate::notice::{Notice, about, time_on};
use crate::report::Skip;

/// A risk acceptance that ended on `day` or before today is told of once, and once before, so
/// many days ahead; 0 days: not before.
#[must_use]
pub fn ending(it: &EndingAcceptance, day: NaiveDate, ahead: i64, at: Moment) -> Decision {
    let left = (day - at.today).num_days();
    let has_ended = left <= 0;
    if !has_ended && (it.warned || left > ahead) {
        return Decision::default();
    }
    let Some(engagement) = &it.engagement else {
        return Decision {
            skip: Some(Skip::NoEngagement),
            ..Decision::default()
        };
    };
    let when = if has_ended {
        "has expired".to_owned()
    } else {
        format!("will expire on {}", day.format("%b %d, %Y"))
    };
    let data = EventData {
        title: format!(
            "Risk acceptance with {} accepted findings {when} for {}: {}",
            it.accepted, engagement.product_name, engagement.name
        ),
        url: Some(format!(
            "/engagement/{}/risk_acceptance/{}",
            engagement.id, it.id
        )),
        risk_acceptance: Some(RiskAcceptanceObject {
            id: it.id,
            name: it.name.clone(),
            owner: None,
            expiration_date: Some(written(it.expiration_date, day)),
            reactivate_expired: Some(it.reactivate_expired),
            restart_sla_expired: Some(it.restart_sla_expired),
        }),
        accepted_findings: Some(it.findings.clone()),
        findings_counts: Some(
            [("accepted_findings".to_owned(), it.accepted.unsigned_abs())].into(),
        ),
        ..about(engagement)
    };
    let threshold = format!("{}/{day}", if has_ended { "expired" } else { "warning" });
    let subject = format!("risk_acceptance/{}", it.id);
    let time = time_on(at.today, at.now);
    let notice = Notice::event("risk_acceptance_expiration", subject, threshold, time, data);
    Decision {
        notices: vec![notice],
        skip: None,
    }
}

/// The moment as DefectDojo writes it; only the day where its day in UTC is another one, since
/// readers take the day from it.
fn written(moment: DateTime<Utc>, day: NaiveDate) -> String {
    if moment.date_naive() == day {
        moment.to_rfc3339()
    } else {
        day.to_string()
    }
}
