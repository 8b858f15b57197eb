//! The machine of webhook endpoints: every row, and its diagram in the docs.
#![allow(clippy::unwrap_used, reason = "a panic is the way to fail a test")]

use chrono::{DateTime, TimeDelta, Utc};
use proto_events::endpoint::{Cause, DAY, EndpointState, REST, Standing, diagram};
use proto_events::{Outcome, Reason, Receipt};

const SECOND: TimeDelta = TimeDelta::seconds(1);

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn standing(state: EndpointState, first: Option<TimeDelta>, last: Option<TimeDelta>) -> Standing {
    Standing {
        state,
        first_error: first.map(|ago| now() - ago),
        last_error: last.map(|ago| now() - ago),
        note: Some("old".to_owned()),
    }
}

fn after(before: Standing, cause: Cause) -> (EndpointState, Option<TimeDelta>, Option<TimeDelta>) {
    let after = before.after(cause, "new", now());
    let ago = |time: Option<DateTime<Utc>>| time.map(|time| now() - time);
    (after.state, ago(after.first_error), ago(after.last_error))
}

use EndpointState::{Active, ActiveTmp, InactivePermanent, InactiveTmp};

const MINUTE: TimeDelta = TimeDelta::seconds(60);
const HOUR: TimeDelta = TimeDelta::seconds(3600);
const NONE: Option<TimeDelta> = None;
const NOW: Option<TimeDelta> = Some(TimeDelta::zero());

#[test]
fn a_success_leaves_the_state_and_ends_the_trouble() {
    let active = standing(Active, None, None);
    assert_eq!(after(active, Cause::Success), (Active, NONE, NONE));
    let trial = standing(ActiveTmp, Some(HOUR), Some(MINUTE));
    assert!(trial.is_on_trial());
    let lifted = trial.clone().after(Cause::Success, "new", now());
    assert!(!lifted.is_on_trial());
    assert_eq!(lifted.note.as_deref(), Some("old"));
    assert_eq!(
        after(trial, Cause::Success),
        (ActiveTmp, NONE, Some(MINUTE))
    );
}

#[test]
fn a_temporary_error_lays_an_active_endpoint_to_rest() {
    let healthy = standing(Active, None, None);
    assert_eq!(after(healthy, Cause::Temporary), (InactiveTmp, NOW, NOW));
    let young = standing(Active, Some(DAY), None);
    assert_eq!(after(young, Cause::Temporary), (InactiveTmp, NOW, NOW));
}

#[test]
fn a_temporary_error_on_trial_keeps_when_the_trouble_began() {
    let trial = standing(ActiveTmp, Some(DAY), Some(MINUTE));
    assert_eq!(
        after(trial, Cause::Temporary),
        (InactiveTmp, Some(DAY), NOW)
    );
    let lifted = standing(ActiveTmp, None, Some(MINUTE));
    assert_eq!(after(lifted, Cause::Temporary), (InactiveTmp, NOW, NOW));
}

#[test]
fn a_temporary_error_after_24_hours_of_trouble_disables() {
    let old = Some(DAY + SECOND);
    for state in [Active, ActiveTmp] {
        let troubled = standing(state, old, Some(MINUTE));
        assert_eq!(
            after(troubled, Cause::Temporary),
            (InactivePermanent, old, NOW)
        );
    }
}

#[test]
fn a_permanent_error_disables_at_once() {
    for state in [Active, ActiveTmp] {
        let before = standing(state, Some(HOUR), Some(MINUTE));
        assert_eq!(
            after(before, Cause::Permanent),
            (InactivePermanent, NOW, NOW)
        );
    }
}

#[test]
fn what_is_inactive_does_not_care_for_outcomes() {
    for state in [InactiveTmp, InactivePermanent] {
        for cause in [Cause::Success, Cause::Temporary, Cause::Permanent] {
            let before = standing(state, Some(HOUR), Some(SECOND));
            assert_eq!(before.clone().after(cause, "new", now()), before);
        }
    }
}

#[test]
fn after_60_seconds_of_rest_it_is_on_trial() {
    let resting = standing(InactiveTmp, Some(HOUR), Some(REST - SECOND));
    assert_eq!(resting.at(now()).state, InactiveTmp);
    let rested = standing(InactiveTmp, Some(HOUR), Some(REST)).at(now());
    assert_eq!(
        (rested.state, rested.first_error),
        (ActiveTmp, Some(now() - HOUR))
    );
}

#[test]
fn after_24_hours_without_an_error_it_is_active_and_its_errors_are_forgotten() {
    let before = standing(ActiveTmp, Some(DAY), Some(DAY - SECOND));
    assert_eq!(before.at(now()).state, ActiveTmp);
    for state in [ActiveTmp, InactiveTmp] {
        let well = standing(state, Some(DAY), Some(DAY)).at(now());
        assert_eq!(
            (well.state, well.first_error, well.last_error),
            (Active, None, None)
        );
        assert_eq!(well.note.as_deref(), Some("Reactivation from active_tmp"));
    }
}

#[test]
fn a_person_activates_and_deactivates_from_any_state() {
    for state in EndpointState::ALL {
        let before = standing(state, Some(HOUR), Some(SECOND));
        let on = before.clone().after(Cause::Activated, "", now());
        assert_eq!(
            (on.state, on.first_error, on.last_error, on.note),
            (Active, None, None, None)
        );
        let off = before.after(Cause::Deactivated, "", now());
        assert_eq!(
            (off.state, off.first_error, off.last_error),
            (InactivePermanent, None, None)
        );
        assert_eq!(off.note.as_deref(), Some("Deactivate from UI"));
    }
}

#[test]
fn only_what_an_outcome_says_of_the_endpoint_moves_it() {
    let retry = |reason| Cause::of(&Outcome::retry(reason, ""));
    let rejected = |reason| Cause::of(&Outcome::rejected(reason, ""));
    assert_eq!(
        Cause::of(&Outcome::Delivered(Receipt::default())),
        Some(Cause::Success)
    );
    for reason in [
        Reason::Timeout,
        Reason::Dns,
        Reason::Tls,
        Reason::Connection,
    ] {
        assert_eq!(retry(reason), Some(Cause::Temporary));
    }
    assert_eq!(retry(Reason::Internal), None);
    assert_eq!(retry(Reason::NotConfigured), None);
    assert_eq!(rejected(Reason::TooLarge), None);
    assert_eq!(rejected(Reason::Refused), None);
    assert_eq!(rejected(Reason::EndpointRefuses), Some(Cause::Permanent));
    assert_eq!(rejected(Reason::InvalidAddress), Some(Cause::Permanent));
}

#[test]
fn the_diagram_in_the_docs_is_the_machine() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/endpoint-states.md");
    let page = std::fs::read_to_string(page).unwrap();
    let drawn = format!("```mermaid\n{}```\n", diagram());
    assert!(
        page.contains(&drawn),
        "docs/endpoint-states.md is stale: cargo run -p proto-events --example endpoint_states"
    );
}
