//! Engagements that begin soon, are past their end, or are closed: what is told of them.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proto_events::Kind;
use proto_events::payload::EventData;
use proto_events::upstream::Engagement;
use serde_json::Value;
use store::scheduling::engagements::EngagementFacts;

use crate::config::Thresholds;
use crate::notice::{Notice, What, about, only, time_on};
use crate::report::Skip;

/// For how many days back what ended is found stale, however late it is heard of.
pub const STALE_FOR: TimeDelta = TimeDelta::days(7);

/// What is made of one object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// What is told.
    pub notices: Vec<Notice>,
    /// Why somebody is not told.
    pub skip: Option<Skip>,
}

impl Decision {
    fn skip(why: Skip) -> Self {
        Self {
            skip: Some(why),
            ..Self::default()
        }
    }
}

/// The moment for which is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time.
    pub now: DateTime<Utc>,
    /// The day where people live.
    pub today: NaiveDate,
}

/// An engagement that begins today or later, at the latest after the longest threshold: its lead is told
/// once for each threshold, also when the day itself was missed.
#[must_use]
pub fn upcoming(it: &EngagementFacts, thresholds: &Thresholds, at: Moment) -> Decision {
    let left = (it.target_start - at.today).num_days();
    let Some(threshold) = thresholds.reached(left).filter(|_| left >= 0) else {
        return Decision::default();
    };
    let day = it.target_start;
    to_lead(
        it,
        "upcoming_engagement",
        format!("{threshold}d/{day}"),
        at,
        |data| {
            data.title = format!("Upcoming engagement: {}", name(it));
        },
    )
}

/// An engagement in progress whose last day is over: its lead is told once.
#[must_use]
pub fn stale(it: &EngagementFacts, at: Moment) -> Decision {
    if it.target_end >= at.today {
        return Decision::default();
    }
    to_lead(it, "stale_engagement", it.target_end, at, |data| {
        data.title = format!("Stale Engagement: {}", name(it));
        data.description = Some(format!(
            "The engagement \"{}\" is stale. Target end was {}.",
            name(it),
            day(it.target_end)
        ));
    })
}

/// An engagement in progress whose last day is `days` or more past: it is closed, everybody
/// hears of that as of any closing, and DefectDojo is asked to close it.
#[must_use]
pub fn auto_close(it: &EngagementFacts, days: TimeDelta, at: Moment) -> Decision {
    if at.today - it.target_end < days {
        return Decision::default();
    }
    let mut decision = to_lead(it, "auto_close_engagement", it.target_end, at, |data| {
        data.title = name(it);
        data.description = Some(format!(
            "The engagement \"{}\" has auto-closed. Target end was {}.",
            name(it),
            day(it.target_end)
        ));
    });
    if decision.skip == Some(Skip::EndBeforeStart) {
        return decision;
    }
    let closed = EventData {
        title: format!("Closure of {}", name(it)),
        description: Some(format!("The engagement \"{}\" was closed", name(it))),
        url: Some(format!("/engagement/{}/finding/all", it.id)),
        ..about(it)
    };
    let subject = subject(it);
    let time = time_on(at.today, at.now);
    decision.notices.extend([
        Notice::event(
            "engagement_closed",
            subject.clone(),
            it.target_end,
            time,
            closed,
        ),
        Notice {
            id: format!("close/{subject}/{}", it.target_end),
            what: What::Change {
                kind: Kind::Engagement,
                object: completed(it),
                at: at.now,
            },
        },
    ]);
    decision
}

/// The notice to an engagement's lead, unless there is nobody to tell or the dates are wrong.
fn to_lead(
    it: &EngagementFacts,
    event: &str,
    threshold: impl std::fmt::Display,
    at: Moment,
    say: impl FnOnce(&mut EventData),
) -> Decision {
    if it.target_end < it.target_start {
        return Decision::skip(Skip::EndBeforeStart);
    }
    let Some(lead) = &it.lead_username else {
        return Decision::skip(if it.lead.is_some() {
            Skip::LeadGone
        } else {
            Skip::NoLead
        });
    };
    let mut data = EventData {
        url: Some(format!("/engagement/{}", it.id)),
        recipients: only(lead),
        ..about(it)
    };
    say(&mut data);
    let time = time_on(at.today, at.now);
    Decision {
        notices: vec![Notice::event(event, subject(it), threshold, time, data)],
        skip: None,
    }
}

fn subject(it: &EngagementFacts) -> String {
    format!("engagement/{}", it.id)
}

/// Its name; one without is called by its number.
fn name(it: &EngagementFacts) -> String {
    match it.name.trim() {
        "" => format!("Engagement {}", it.id),
        _ => it.name.clone(),
    }
}

/// The engagement as DefectDojo has it once it is closed.
fn completed(it: &EngagementFacts) -> Value {
    let engagement = Engagement {
        id: it.id,
        name: it.name.clone(),
        product: it.product,
        lead: it.lead,
        target_start: it.target_start,
        target_end: it.target_end,
        status: "Completed".to_owned(),
        active: false,
    };
    serde_json::json!(engagement)
}

/// A day as DefectDojo writes it in these sentences, e.g. `Nov. 21, 2026`.
fn day(date: NaiveDate) -> String {
    date.format("%b. %d, %Y").to_string()
}
