//! Upcoming, stale and automatically closed engagements: when, what, to whom.

use chrono::TimeDelta;
use proto_events::payload::UserRef;
use schedule::config::Thresholds;
use schedule::engagements::{Decision, auto_close, stale, upcoming};
use schedule::notice::What;
use serde_json::json;

use crate::support::{engagement, event, noon};

fn ids(decision: &Decision) -> Vec<&str> {
    decision
        .notices
        .iter()
        .map(|notice| notice.id.as_str())
        .collect()
}

fn thresholds(text: &str) -> Thresholds {
    text.parse().unwrap()
}

#[test]
fn an_upcoming_engagement_is_told_to_its_lead_in_defectdojos_words() {
    let decision = upcoming(
        &engagement("2026-11-25", "2026-12-05"),
        &thresholds("3"),
        noon("2026-11-22"),
    );
    let [notice] = &decision.notices[..] else {
        panic!("one notice: {decision:?}")
    };
    assert_eq!(notice.id, "upcoming_engagement/engagement/12/3d/2026-11-25");
    let event = event(notice);
    assert_eq!(event.name.as_str(), "upcoming_engagement");
    assert_eq!(
        event.data.title,
        "Upcoming engagement: Q4 \"crane\" pentest"
    );
    assert_eq!(event.data.url.as_deref(), Some("/engagement/12"));
    assert_eq!(
        event.data.recipients,
        Some(vec![Some(UserRef::Username("mei".to_owned()))])
    );
    assert_eq!(event.data.product.as_ref().unwrap().name, "Cranes");
    assert_eq!(decision.skip, None);
}

#[test]
fn it_is_told_from_the_threshold_until_it_begins_and_neither_before_nor_after() {
    let it = engagement("2026-11-25", "2026-12-05");
    let told = |today: &str| {
        !upcoming(&it, &thresholds("3"), noon(today))
            .notices
            .is_empty()
    };
    let days = [
        "2026-11-21",
        "2026-11-22",
        "2026-11-24",
        "2026-11-25",
        "2026-11-26",
    ];
    assert_eq!(days.map(told), [false, true, true, true, false]);
}

#[test]
fn of_several_thresholds_only_the_nearest_counts_after_a_downtime() {
    let it = engagement("2026-11-25", "2026-12-05");
    let id = |today: &str| ids(&upcoming(&it, &thresholds("7,1,3"), noon(today)))[0].to_owned();
    assert!(id("2026-11-18").contains("/7d/"));
    assert!(id("2026-11-22").contains("/3d/"));
    assert!(id("2026-11-24").contains("/1d/"));
}

#[test]
fn an_engagement_that_is_moved_to_another_day_is_told_of_again() {
    let at = noon("2026-11-22");
    let first = upcoming(
        &engagement("2026-11-24", "2026-12-05"),
        &thresholds("3"),
        at,
    );
    let moved = upcoming(
        &engagement("2026-11-25", "2026-12-05"),
        &thresholds("3"),
        at,
    );
    assert_ne!(ids(&first), ids(&moved));
}

#[test]
fn a_stale_engagement_is_told_once_its_last_day_is_over() {
    let it = engagement("2026-11-01", "2026-11-21");
    assert_eq!(stale(&it, noon("2026-11-21")), Decision::default());
    let decision = stale(&it, noon("2026-11-22"));
    assert_eq!(
        ids(&decision),
        ["stale_engagement/engagement/12/2026-11-21"]
    );
    let data = &event(&decision.notices[0]).data;
    assert_eq!(data.title, "Stale Engagement: Q4 \"crane\" pentest");
    assert_eq!(
        data.description.as_deref(),
        Some("The engagement \"Q4 \"crane\" pentest\" is stale. Target end was Nov. 21, 2026.")
    );
    assert_eq!(
        ids(&stale(&it, noon("2026-11-28"))),
        ids(&decision),
        "the same notice later"
    );
}

#[test]
fn an_engagement_is_closed_the_lead_everybody_and_defectdojo_are_told() {
    let it = engagement("2026-11-01", "2026-11-19");
    let three = TimeDelta::days(3);
    assert_eq!(
        auto_close(&it, three, noon("2026-11-21")),
        Decision::default()
    );
    let decision = auto_close(&it, three, noon("2026-11-22"));
    let [to_lead, to_all, upstream] = &decision.notices[..] else {
        panic!("{decision:?}")
    };
    let data = &event(to_lead).data;
    assert_eq!(data.title, "Q4 \"crane\" pentest");
    assert_eq!(
        data.description.as_deref(),
        Some(
            "The engagement \"Q4 \"crane\" pentest\" has auto-closed. Target end was Nov. 19, 2026."
        )
    );
    assert_eq!(
        data.recipients,
        Some(vec![Some(UserRef::Username("mei".to_owned()))])
    );
    let closed = event(to_all);
    assert_eq!(closed.name.as_str(), "engagement_closed");
    assert_eq!(closed.data.title, "Closure of Q4 \"crane\" pentest");
    assert_eq!(
        closed.data.url.as_deref(),
        Some("/engagement/12/finding/all")
    );
    assert_eq!(closed.data.recipients, None);
    let What::Change { object, .. } = &upstream.what else {
        panic!("{upstream:?}")
    };
    assert_eq!(object["status"], json!("Completed"));
    assert_eq!(object["active"], json!(false));
}

#[test]
fn without_a_lead_nobody_is_told_but_the_engagement_is_closed_all_the_same() {
    let mut it = engagement("2026-11-01", "2026-11-19");
    it.lead_username = None;
    let decision = auto_close(&it, TimeDelta::days(3), noon("2026-11-22"));
    assert_eq!(decision.skip, Some(schedule::Skip::LeadGone));
    assert_eq!(decision.notices.len(), 2);
    it.lead = None;
    assert_eq!(
        stale(&it, noon("2026-11-22")).skip,
        Some(schedule::Skip::NoLead)
    );
}
