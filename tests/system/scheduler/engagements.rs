//! Upcoming, stale and automatically closed engagements reach their lead, once.

use proto_events::directory::User;
use schedule::{Job, Skip};
use serde_json::{Value, json};
use system_tests::play::{MEI, OUTSIDER, person};

use super::{Clockless, VIEWERS, decided, engagement, heard, know, play, sql};
use crate::scheduler::replicas::taken_upstream;

#[tokio::test]
async fn an_upcoming_engagement_is_told_to_its_lead_alone_and_once() {
    play(async |play| {
        engagement(&play, 12, Some(MEI), "2026-11-25", "2026-12-05").await;
        let clockless = Clockless::of(&play, &[]);
        let mut told = 0;
        for hour in 0..24 * 6 {
            let now = super::time("2026-11-20T00:30:00Z") + chrono::TimeDelta::hours(hour);
            told += clockless
                .told(&play, Job::UpcomingEngagement, &now.to_rfc3339())
                .await;
        }
        assert_eq!(told, 1);
        heard(
            &play,
            "upcoming_engagement/engagement/12/3d/2026-11-25",
            &[Some("mei")],
        )
        .await;
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_stale_engagement_is_told_to_its_lead_alone_and_once_also_after_weeks_of_downtime() {
    play(async |play| {
        let clockless = Clockless::of(&play, &[]);
        clockless.at(&play, "2026-11-01T00:30:00Z").await;
        engagement(&play, 12, Some(MEI), "2026-10-01", "2026-11-02").await;
        assert_eq!(
            clockless
                .told(&play, Job::StaleEngagement, "2026-11-02T20:30:00Z")
                .await,
            0
        );
        // Nobody runs for four weeks; meanwhile another one ends.
        engagement(&play, 13, Some(MEI), "2026-10-01", "2026-11-20").await;
        assert_eq!(
            clockless
                .told(&play, Job::StaleEngagement, "2026-11-30T20:30:00Z")
                .await,
            2
        );
        assert_eq!(
            clockless
                .told(&play, Job::StaleEngagement, "2026-11-30T21:30:00Z")
                .await,
            0
        );
        for id in ["12/2026-11-02", "13/2026-11-20"] {
            heard(
                &play,
                &format!("stale_engagement/engagement/{id}"),
                &[Some("mei")],
            )
            .await;
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn an_engagement_is_closed_once_and_lead_viewers_and_defectdojo_hear_of_it() {
    play(async |play| {
        engagement(&play, 12, Some(MEI), "2026-10-01", "2026-11-19").await;
        let clockless = Clockless::of(&play, &[]);
        clockless.at(&play, "2026-11-22T06:30:00Z").await;
        assert_eq!(
            clockless
                .told(&play, Job::AutoCloseEngagement, "2026-11-22T07:30:00Z")
                .await,
            0,
            "it is off"
        );
        sql(
            &play,
            "UPDATE system_settings SET engagement_auto_close = true",
        )
        .await;
        for (hour, expected) in [("08", 3), ("09", 0), ("23", 0)] {
            let moment = format!("2026-11-22T{hour}:30:00Z");
            let told = clockless
                .told(&play, Job::AutoCloseEngagement, &moment)
                .await;
            assert_eq!(told, expected, "at {hour}:30");
        }
        heard(
            &play,
            "auto_close_engagement/engagement/12/2026-11-19",
            &[Some("mei")],
        )
        .await;
        heard(
            &play,
            "engagement_closed/engagement/12/2026-11-19",
            &VIEWERS,
        )
        .await;
        let waiting = taken_upstream(&play).await;
        let bodies: Vec<Value> = waiting
            .iter()
            .map(|body| serde_json::from_slice(body).unwrap())
            .collect();
        let [change] = &bodies[..] else {
            panic!("one change: {bodies:?}")
        };
        assert_eq!(change["kind"], "engagement");
        assert_eq!(change["object"]["id"], 12);
        assert_eq!(change["object"]["status"], "Completed");
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn without_a_lead_or_with_one_who_left_nobody_is_told_and_the_report_says_why() {
    play(async |play| {
        let left = User {
            active: false,
            ..person(8, "left")
        };
        know(&play, "user", &json!(left)).await;
        engagement(&play, 12, None, "2026-11-24", "2026-12-05").await;
        engagement(&play, 13, Some(8), "2026-11-24", "2026-12-05").await;
        engagement(&play, 14, Some(99), "2026-11-24", "2026-12-05").await;
        engagement(&play, 15, Some(MEI), "2026-11-24", "2026-11-01").await;
        engagement(&play, 16, Some(MEI), "2026-11-24", "9999-12-31").await;
        let clockless = Clockless::of(&play, &[]);
        clockless.at(&play, "2026-11-22T06:30:00Z").await;
        let reports = clockless.at(&play, "2026-11-22T07:10:00Z").await;
        let (_, report) = reports
            .iter()
            .find(|(job, _)| *job == Job::UpcomingEngagement)
            .unwrap();
        assert_eq!(report.told, 1, "the one that is well is told of");
        let expected = [
            (Skip::EndBeforeStart, 1),
            (Skip::NoLead, 1),
            (Skip::LeadGone, 2),
        ];
        assert_eq!(report.skipped, expected.into());
        heard(
            &play,
            "upcoming_engagement/engagement/16/3d/2026-11-24",
            &[Some("mei")],
        )
        .await;
        assert_eq!(decided(&play, 1).await.len(), 1);
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_lead_who_may_not_see_the_product_is_told_without_details() {
    play(async |play| {
        engagement(&play, 12, Some(OUTSIDER), "2026-11-24", "2026-12-05").await;
        let clockless = Clockless::of(&play, &[]);
        clockless.at(&play, "2026-11-22T06:30:00Z").await;
        assert_eq!(
            clockless
                .told(&play, Job::UpcomingEngagement, "2026-11-22T07:10:00Z")
                .await,
            1
        );
        heard(
            &play,
            "upcoming_engagement/engagement/12/3d/2026-11-24",
            &[Some("outsider")],
        )
        .await;
        play.end().await;
    })
    .await;
}
