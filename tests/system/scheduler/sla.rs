//! SLAs: who hears of which finding, and how often.

use schedule::{Job, Skip};
use serde_json::json;

use super::{Clockless, VIEWERS, decided, finding, heard, know, play, sql, test_of};

const ON: &str = "UPDATE system_settings SET enable_notify_sla_active = true";

#[tokio::test]
async fn all_who_may_see_the_product_hear_of_each_finding_and_of_all_together_once_a_day() {
    play(async |play| {
        sql(&play, ON).await;
        test_of(&play).await;
        finding(&play, 1, "2026-11-20", &json!({})).await;
        finding(&play, 2, "2026-11-22", &json!({"severity": "Critical"})).await;
        finding(&play, 3, "2026-11-25", &json!({})).await;
        // None of these counts.
        finding(&play, 4, "2026-11-26", &json!({})).await;
        finding(&play, 5, "2026-11-14", &json!({})).await;
        finding(&play, 6, "2026-11-20", &json!({"active": false})).await;
        finding(&play, 7, "2026-11-20", &json!({"duplicate": true})).await;
        finding(&play, 8, "2026-11-20", &json!({"is_mitigated": true})).await;
        finding(&play, 9, "2026-11-20", &json!({"severity": "Info"})).await;
        finding(
            &play,
            10,
            "2026-11-20",
            &json!({"sla_expiration_date": null}),
        )
        .await;
        let clockless = Clockless::of(&play, &[]);
        clockless.at(&play, "2026-11-21T12:00:00Z").await;
        assert_eq!(
            clockless
                .told(&play, Job::Sla, "2026-11-22T07:29:00Z")
                .await,
            0,
            "too early"
        );
        assert_eq!(
            clockless
                .told(&play, Job::Sla, "2026-11-22T07:30:00Z")
                .await,
            6
        );
        assert_eq!(
            clockless
                .told(&play, Job::Sla, "2026-11-22T23:30:00Z")
                .await,
            0
        );
        let kinds = [(1, "breached"), (2, "breaching"), (3, "prebreach")];
        for (id, kind) in kinds {
            heard(
                &play,
                &format!("sla_breach/finding/{id}/{kind}/2026-11-22"),
                &VIEWERS,
            )
            .await;
            let together = format!("sla_breach_combined/product/7/{kind}/2026-11-22");
            heard(&play, &together, &VIEWERS).await;
        }
        assert_eq!(decided(&play, 6).await.len(), 6);
        assert_eq!(
            clockless
                .told(&play, Job::Sla, "2026-11-23T07:30:00Z")
                .await,
            6,
            "a new day, and finding 4 comes near"
        );
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn flags_products_and_backoff_narrow_what_is_told() {
    play(async |play| {
        sql(&play, ON).await;
        test_of(&play).await;
        finding(&play, 1, "2026-11-21", &json!({})).await;
        finding(&play, 2, "2026-11-19", &json!({"verified": true})).await;
        finding(&play, 3, "2026-11-20", &json!({"has_jira_issue": true})).await;
        let clockless = Clockless::of(&play, &[]);
        clockless.at(&play, "2026-11-20T12:00:00Z").await;
        let cases: [(&str, &str, u64); 6] = [
            ("22", "UPDATE system_settings SET enable_notify_sla_active_verified = true", 2),
            ("23", "UPDATE system_settings SET enable_notify_sla_active_verified = false, enable_notify_sla_jira_only = true", 2),
            ("24", "UPDATE system_settings SET enable_notify_sla_jira_only = false, enable_notify_sla_exponential_backoff = true", 2),
            ("25", "UPDATE products SET disable_sla_breach_notifications = true", 0),
            ("26", "UPDATE products SET disable_sla_breach_notifications = false", 0),
            ("27", "UPDATE system_settings SET enable_notify_sla_exponential_backoff = false", 3),
        ];
        for (day, change, expected) in cases {
            sql(&play, change).await;
            let moment = format!("2026-11-{day}T08:00:00Z");
            let told = clockless.told(&play, Job::Sla, &moment).await;
            assert_eq!(told, expected, "on the {day}th, after {change}");
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn the_products_configuration_says_what_is_enforced_and_how_many_days_there_are() {
    play(async |play| {
        sql(&play, ON).await;
        test_of(&play).await;
        let product = json!({"id": 7, "name": "Cranes", "product_type": 1,
            "sla_configuration": {"critical": 10, "high": 20, "enforce_low": false}});
        know(&play, "product", &product).await;
        let none =
            json!({"sla_expiration_date": null, "date": "2026-11-02", "sla_start_date": null});
        let with = |severity: &str, more: serde_json::Value| {
            let mut object = none.clone();
            object["severity"] = json!(severity);
            object
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            object
        };
        finding(&play, 1, "", &with("High", json!({}))).await;
        finding(
            &play,
            2,
            "",
            &with("Critical", json!({"sla_start_date": "2026-11-11"})),
        )
        .await;
        finding(
            &play,
            3,
            "",
            &with("Low", json!({"sla_expiration_date": "2026-11-22"})),
        )
        .await;
        finding(&play, 4, "", &with("Medium", json!({}))).await;
        let clockless = Clockless::of(&play, &[]);
        clockless.at(&play, "2026-11-21T12:00:00Z").await;
        assert_eq!(
            clockless
                .told(&play, Job::Sla, "2026-11-22T08:00:00Z")
                .await,
            4
        );
        heard(&play, "sla_breach/finding/1/breaching/2026-11-22", &VIEWERS).await;
        heard(&play, "sla_breach/finding/2/breached/2026-11-22", &VIEWERS).await;
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_storm_of_findings_is_one_notice_and_a_severity_from_the_future_stops_nobody() {
    play(async |play| {
        sql(&play, ON).await;
        test_of(&play).await;
        sql(&play, "ALTER TABLE findings DROP CONSTRAINT findings_severity_check").await;
        sql(
            &play,
            "INSERT INTO findings (id, title, test, severity, date, sla_expiration_date, active, verified,
                 is_mitigated, false_p, duplicate, risk_accepted, has_jira_issue)
             SELECT n, 'F' || n, 42, CASE WHEN n > 5000 THEN 'Blocker' WHEN n % 10 = 0 THEN 'Critical' ELSE 'Low' END,
                    '2026-10-01', '2026-11-20', true, false, false, false, false, false, false
             FROM generate_series(1, 5003) AS n",
        )
        .await;
        let clockless = Clockless::of(&play, &[]);
        clockless.at(&play, "2026-11-21T12:00:00Z").await;
        let reports = clockless.at(&play, "2026-11-22T08:00:00Z").await;
        let (_, report) = reports.iter().find(|(job, _)| *job == Job::Sla).unwrap();
        assert_eq!((report.told, report.skipped.clone()), (1, [(Skip::UnknownSeverity, 3)].into()));
        let id = "sla_breach_combined/product/7/breached/2026-11-22";
        heard(&play, id, &VIEWERS).await;
        let alerts = play.store().alerts().await.unwrap();
        let alert = alerts.iter().find(|alert| alert.event_id == id).unwrap();
        let text = &alert.description;
        assert!(text.contains("5000 findings") && text.contains("(500 Critical, 4500 Low)"), "{text}");
        play.end().await;
    })
    .await;
}
