//! Risk acceptances that end: when, what.

use proto_events::payload::FindingObject;
use schedule::engagements::Decision;
use schedule::risk_acceptances::ending;
use store::scheduling::risk_acceptances::EndingAcceptance;

use crate::support::{config, day, engagement, event, noon, time};

fn acceptance(ends: &str) -> EndingAcceptance {
    EndingAcceptance {
        id: 3,
        name: "Accepted for now".to_owned(),
        expiration_date: time(ends),
        warned: false,
        reactivate_expired: true,
        restart_sla_expired: false,
        engagement: Some(engagement("2026-01-01", "2026-12-31")),
        accepted: 2,
        findings: vec![FindingObject {
            id: 5,
            ..FindingObject::default()
        }],
    }
}

fn decide(it: &EndingAcceptance, ahead: i64, today: &str) -> Decision {
    ending(it, it.expiration_date.date_naive(), ahead, noon(today))
}

fn title(decision: &Decision) -> &str {
    &event(&decision.notices[0]).data.title
}

#[test]
fn one_that_will_end_is_told_of_so_many_days_before_and_when_it_has() {
    let it = acceptance("2026-12-01T02:36:28Z");
    assert_eq!(decide(&it, 10, "2026-11-20"), Decision::default());
    let before = decide(&it, 10, "2026-11-21");
    assert_eq!(
        before.notices[0].id,
        "risk_acceptance_expiration/risk_acceptance/3/warning/2026-12-01"
    );
    assert_eq!(
        title(&before),
        "Risk acceptance with 2 accepted findings will expire on Dec 01, 2026 for Cranes: Q4 \"crane\" pentest"
    );
    let after = decide(&it, 10, "2026-12-01");
    assert_eq!(
        after.notices[0].id,
        "risk_acceptance_expiration/risk_acceptance/3/expired/2026-12-01"
    );
    assert_eq!(
        title(&after),
        "Risk acceptance with 2 accepted findings has expired for Cranes: Q4 \"crane\" pentest"
    );
    let data = &event(&after.notices[0]).data;
    assert_eq!(
        data.url.as_deref(),
        Some("/engagement/12/risk_acceptance/3")
    );
    assert_eq!(
        data.recipients, None,
        "everybody who may see the product hears of it"
    );
}

#[test]
fn no_days_ahead_and_a_warning_by_defectdojo_both_mean_no_heads_up() {
    let mut it = acceptance("2026-12-01T02:36:28Z");
    assert_eq!(decide(&it, 0, "2026-11-30"), Decision::default());
    it.warned = true;
    assert_eq!(decide(&it, 10, "2026-11-30"), Decision::default());
    assert_eq!(
        decide(&it, 10, "2026-12-01").notices.len(),
        1,
        "its end is told of still"
    );
}

#[test]
fn one_without_an_engagement_is_passed_over() {
    let mut it = acceptance("2026-12-01T02:36:28Z");
    it.engagement = None;
    let skipped = decide(&it, 10, "2026-12-02");
    assert_eq!(skipped.skip, Some(schedule::Skip::NoEngagement));
}

#[test]
fn its_day_is_the_one_where_people_live_and_the_message_says_the_same() {
    let it = acceptance("2026-11-30T14:00:00Z");
    let auckland = config(&["--schedule-time-zone", "Pacific/Auckland"]);
    let local = auckland.day(it.expiration_date);
    assert_eq!(local, day("2026-12-01"));
    let decision = ending(&it, local, 10, noon("2026-11-30"));
    let data = &event(&decision.notices[0]).data;
    assert!(data.title.contains("Dec 01, 2026"));
    let risk = data.risk_acceptance.as_ref().unwrap();
    assert_eq!(risk.expiration_date.as_deref(), Some("2026-12-01"));
}
