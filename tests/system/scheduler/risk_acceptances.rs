//! Risk acceptances that end: all who may see the product hear of it, before and after.

use schedule::Job;
use serde_json::json;

use super::{Clockless, VIEWERS, finding, heard, know, play, sql, test_of};

#[tokio::test]
async fn a_risk_acceptance_is_told_of_ten_days_before_and_when_it_has_ended() {
    play(async |play| {
        test_of(&play).await;
        finding(&play, 1, "2027-01-01", &json!({"active": false})).await;
        let ending = |id: i64, more: serde_json::Value| {
            let mut object = json!({"id": id, "name": "For now", "engagement": 9, "accepted_findings": [1, 777],
                "expiration_date": "2026-12-02T02:00:00Z"});
            object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            object
        };
        know(&play, "risk_acceptance", &ending(3, json!({}))).await;
        know(&play, "risk_acceptance", &ending(4, json!({"engagement": null}))).await;
        // None of these is told of.
        know(&play, "risk_acceptance", &ending(5, json!({"expiration_date_handled": "2026-11-01T00:00:00Z"}))).await;
        know(&play, "risk_acceptance", &ending(6, json!({"expiration_date": null}))).await;
        know(&play, "risk_acceptance", &ending(7, json!({"engagement": null, "accepted_findings": [777]}))).await;
        let clockless = Clockless::of(&play, &[]);
        clockless.at(&play, "2026-11-21T20:30:00Z").await;
        let mut told = Vec::new();
        for moment in [
            "2026-11-21T21:10:00Z",
            "2026-11-22T00:10:00Z",
            "2026-11-22T03:10:00Z",
            "2026-12-01T21:10:00Z",
            "2026-12-02T00:10:00Z",
            "2026-12-02T03:10:00Z",
            "2027-03-01T00:10:00Z",
        ] {
            told.push(clockless.told(&play, Job::RiskAcceptance, moment).await);
        }
        assert_eq!(told, [0, 2, 0, 0, 2, 0, 0]);
        for id in [3, 4] {
            for what in ["warning", "expired"] {
                let notice = format!("risk_acceptance_expiration/risk_acceptance/{id}/{what}/2026-12-02");
                heard(&play, &notice, &VIEWERS).await;
            }
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn without_the_setting_nobody_is_told_before() {
    play(async |play| {
        test_of(&play).await;
        let object = json!({"id": 3, "name": "For now", "engagement": 9, "expiration_date": "2026-11-25T02:00:00Z"});
        know(&play, "risk_acceptance", &object).await;
        let clockless = Clockless::of(&play, &[]);
        clockless.at(&play, "2026-11-21T20:30:00Z").await;
        for unset in [
            "UPDATE system_settings SET risk_acceptance_notify_before_expiration = NULL",
            "UPDATE system_settings SET risk_acceptance_notify_before_expiration = 0",
        ] {
            sql(&play, unset).await;
            let moment = if unset.ends_with('0') { "2026-11-23T00:10:00Z" } else { "2026-11-22T00:10:00Z" };
            assert_eq!(clockless.told(&play, Job::RiskAcceptance, moment).await, 0);
        }
        assert_eq!(clockless.told(&play, Job::RiskAcceptance, "2026-11-25T00:10:00Z").await, 1);
        play.end().await;
    })
    .await;
}
