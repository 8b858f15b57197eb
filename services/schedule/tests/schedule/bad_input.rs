//! What nobody means: it is refused with a sentence, or passed over, and the rest goes on.

use chrono::{NaiveDate, TimeDelta};
use clap::Parser;
use schedule::engagements::{Decision, auto_close, stale, upcoming};
use schedule::{Job, ScheduleConfig, Skip, Timing};

use crate::support::{engagement, noon};

#[test]
fn an_engagement_that_ends_before_it_begins_is_passed_over_by_every_job() {
    let it = engagement("2026-11-24", "2026-11-01");
    let at = noon("2026-11-22");
    let decisions = [
        upcoming(&it, &"3".parse().unwrap(), at),
        stale(&it, at),
        auto_close(&it, TimeDelta::days(3), at),
    ];
    let passed_over = Decision {
        notices: Vec::new(),
        skip: Some(Skip::EndBeforeStart),
    };
    assert_eq!(
        decisions,
        [passed_over.clone(), passed_over.clone(), passed_over]
    );
}

#[test]
fn dates_at_the_end_of_time_are_far_away_and_harm_nothing() {
    let at = noon("2026-11-22");
    let mut it = engagement("2026-11-01", "9999-12-31");
    assert_eq!(stale(&it, at), Decision::default());
    assert_eq!(auto_close(&it, TimeDelta::days(3), at), Decision::default());
    it.target_start = NaiveDate::MAX;
    it.target_end = NaiveDate::MAX;
    assert_eq!(
        upcoming(&it, &"3".parse().unwrap(), at),
        Decision::default()
    );
}

#[test]
fn an_engagement_without_a_name_goes_by_its_number() {
    let mut it = engagement("2026-11-01", "2026-11-20");
    it.name = "  ".to_owned();
    let decision = stale(&it, noon("2026-11-22"));
    let title = &crate::support::event(&decision.notices[0]).data.title;
    assert_eq!(title, "Stale Engagement: Engagement 12");
}

#[test]
fn an_expression_that_never_comes_true_is_refused_and_the_sentence_says_so() {
    let error = "0 8 30 2 *".parse::<Timing>().unwrap_err();
    assert!(
        error.to_string().contains("no day ever fulfils it"),
        "{error}"
    );
}

#[test]
fn what_is_no_expression_is_refused_and_the_sentence_says_how_to_write_one() {
    for text in [
        "",
        "soon",
        "* * * *",
        "0 0 8 * * *",
        "61 * * * *",
        "0 8 * * 9",
    ] {
        let error = text.parse::<Timing>().unwrap_err().to_string();
        assert!(error.contains("write five fields"), "{text}: {error}");
    }
}

#[test]
fn a_wrong_variable_is_named_with_what_is_allowed() {
    #[derive(Debug, Parser)]
    struct Variables {
        #[command(flatten)]
        _schedule: ScheduleConfig,
    }
    let cases = [
        ("--schedule-time-zone", "Europe/Atlantis", "IANA"),
        ("--schedule-sla", "0 8 31 2 *", "no day ever fulfils it"),
        ("--upcoming-engagement-days", "3,soon", "no number of days"),
        ("--sla-notify-pre-breach", "-1", "0..=3650"),
        ("--max-alerts-per-user", "-2", "-1.."),
        ("--retention-ledger-days", "2", "14..=36500"),
    ];
    for (flag, value, words) in cases {
        let error = Variables::try_parse_from(["test", &format!("{flag}={value}")]);
        let error = error.unwrap_err().to_string();
        assert!(error.contains(words), "{flag}: {error}");
    }
}

#[test]
fn a_job_is_named_as_the_list_names_it() {
    for job in Job::ALL {
        assert_eq!(job.as_str().parse(), Ok(job));
    }
    let error = "slaa".parse::<Job>().unwrap_err().to_string();
    assert!(
        error.contains("upcoming-engagement, stale-engagement"),
        "{error}"
    );
}
