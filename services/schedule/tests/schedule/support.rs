//! What the tests say often.

use chrono::{DateTime, NaiveDate, Utc};
use clap::Parser;
use proto_events::Event;
use schedule::engagements::Moment;
use schedule::notice::What;
use schedule::{Notice, ScheduleConfig};
use store::scheduling::engagements::EngagementFacts;

/// A moment, e.g. `2026-11-22T07:30:00Z`.
pub(crate) fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A day, e.g. `2026-11-22`.
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Noon of a day.
pub(crate) fn noon(text: &str) -> Moment {
    Moment {
        now: time(&format!("{text}T12:00:00Z")),
        today: day(text),
    }
}

/// The variables, with some of them set, e.g. `--schedule-time-zone`.
pub(crate) fn config(arguments: &[&str]) -> ScheduleConfig {
    #[derive(Parser)]
    struct Variables {
        #[command(flatten)]
        schedule: ScheduleConfig,
    }
    let words = ["test"].iter().chain(arguments);
    Variables::try_parse_from(words).unwrap().schedule
}

/// An engagement in progress, led by mei, from one day to another.
pub(crate) fn engagement(from: &str, to: &str) -> EngagementFacts {
    EngagementFacts {
        id: 12,
        name: "Q4 \"crane\" pentest".to_owned(),
        target_start: day(from),
        target_end: day(to),
        status: "In Progress".to_owned(),
        lead: Some(2),
        lead_username: Some("mei".to_owned()),
        product: 7,
        product_name: "Cranes".to_owned(),
        product_tags: vec!["pci".to_owned()],
        product_type: 1,
        product_type_name: "Port".to_owned(),
    }
}

/// The event of a notice that has one.
pub(crate) fn event(notice: &Notice) -> &Event {
    match &notice.what {
        What::Event(event) => event,
        What::Change { .. } => panic!("{} is a change for DefectDojo", notice.id),
    }
}
