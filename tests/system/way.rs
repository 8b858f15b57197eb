//! An event goes in, every channel comes out.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;

use notifyctl::stage::receivers::{Certificate, Received, Via};
use notifyctl::stage::{Answer, SmtpOptions};
use proto_events::directory::{Product, RuleScope, Settings};
use proto_events::outcome::State;
use proto_events::{Channel, Service};
use reqwest::StatusCode;
use serde_json::{Value, json};
use store::NewRule;
use system_tests::play::{CRANES, MEI, PATIENCE, Play, everything, play, play_with, until};

/// What came, as (channel, to).
fn targets(received: &[Arc<Received>]) -> BTreeSet<(Channel, String)> {
    received
        .iter()
        .map(|message| (message.channel, message.to.clone()))
        .collect()
}

fn set(expected: &[(Channel, &str)]) -> BTreeSet<(Channel, String)> {
    expected
        .iter()
        .map(|(channel, to)| (*channel, (*to).to_owned()))
        .collect()
}

fn about_cranes() -> Value {
    json!({
        "title": "Test created for Cranes: Q4: Nightly", "url": "/test/42", "url_api": "/api/v2/tests/42/",
        "product_type": {"id": 1, "name": "Port"}, "product": {"id": CRANES, "name": "Cranes"},
        "engagement": {"id": 9, "name": "Q4"}, "test": {"id": 42, "title": "Nightly"}
    })
}

/// Waits until this many messages were taken by the receivers.
async fn received(play: &Play, count: usize) -> Vec<Arc<Received>> {
    let what = format!("message number {count}");
    let enough =
        |all: &[Arc<Received>]| all.iter().filter(|message| message.accepted).count() >= count;
    play.receivers
        .record
        .wait_for(&what, PATIENCE, enough)
        .await
        .unwrap()
}

/// Waits until these people have an alert of the event; none is the system.
async fn alerted(play: &Play, event: &str, people: &[Option<&str>]) {
    let expected: BTreeSet<Option<String>> =
        people.iter().map(|name| name.map(str::to_owned)).collect();
    until("the alerts", async || {
        let ledger = play.store().ledger().await.unwrap();
        let alerts = ledger
            .iter()
            .filter(|entry| entry.event_id == event && entry.channel == Channel::Alert);
        let told: BTreeSet<_> = alerts.map(|entry| entry.recipient.clone()).collect();
        (told == expected).then_some(())
    })
    .await;
}

/// Waits until the ledger holds this many deliveries of the event in a final state.
async fn settled(play: &Play, event: &str, count: usize) -> Vec<store::LedgerEntry> {
    until("the ledger's entries", async || {
        let mut entries = play.store().ledger().await.unwrap();
        entries.retain(|entry| entry.event_id == event && entry.channel != Channel::Alert);
        let open = [State::Claimed, State::Retrying];
        (entries.len() == count && entries.iter().all(|entry| !open.contains(&entry.state)))
            .then_some(entries)
    })
    .await
}

#[tokio::test]
async fn a_broadcast_reaches_everyone_who_may_see_it_through_every_channel_and_nobody_else() {
    play(async |play: Play| {
        let event = play.publish("test_added", about_cranes()).await;
        let messages = received(&play, 9).await;
        alerted(&play, &event, &[None, Some("admin"), Some("mei")]).await;
        let entries = settled(&play, &event, 9).await;
        assert_eq!(
            targets(&messages),
            set(&[
                (Channel::Mail, "team@hafen.example"),
                (Channel::Mail, "admin@hafen.example"),
                (Channel::Mail, "mei@hafen.example"),
                (Channel::Slack, "#appsec"),
                (Channel::Slack, "UADMIN"),
                (Channel::Slack, "UMEI"),
                (Channel::Msteams, "workflow"),
                (Channel::Webhooks, "system"),
                (Channel::Webhooks, "mei"),
            ])
        );
        let jobs: BTreeSet<_> = messages.iter().filter_map(|message| message.job).collect();
        assert_eq!(
            jobs,
            entries.iter().map(|entry| entry.job).collect(),
            "the ledger and the receivers agree"
        );
        let accepted = entries
            .iter()
            .filter(|entry| entry.state == State::Accepted);
        assert_eq!(
            accepted.map(|entry| entry.channel).collect::<Vec<_>>(),
            [Channel::Msteams]
        );
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn every_channel_says_what_happened_links_to_it_and_ends_with_the_disclaimer() {
    play(async |play: Play| {
        play.publish("test_added", about_cranes()).await;
        for message in received(&play, 9).await {
            let body = quoted_printable::decode(&message.body, quoted_printable::ParseMode::Robust)
                .unwrap();
            let body = String::from_utf8_lossy(&body);
            for words in [
                "Nightly",
                "http://localhost:8080/test/42",
                "For the team only.",
            ] {
                assert!(
                    body.contains(words),
                    "{:?} to {} lacks {words:?}:\n{body}",
                    message.channel,
                    message.to
                );
            }
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_webhook_gets_defectdojos_headers_and_body_and_the_endpoints_own_secret() {
    play(async |play: Play| {
        play.publish("test_added", about_cranes()).await;
        let messages = received(&play, 9).await;
        let hook = |name: &str| {
            messages
                .iter()
                .find(|m| m.channel == Channel::Webhooks && m.to == name)
                .unwrap()
        };
        let Via::Http { headers, .. } = &hook("mei").via else {
            panic!("no request")
        };
        assert_eq!(headers["user-agent"], "DefectDojo-3.2.0");
        assert_eq!(headers["x-defectdojo-event"], "test_added");
        assert_eq!(headers["x-defectdojo-instance"], "http://localhost:8080");
        assert_eq!(headers["accept"], "application/json");
        assert_eq!(headers["x-api-key"], "hook-secret");
        assert_eq!(hook("mei").json()["user"]["username"], "mei");
        assert_eq!(
            hook("mei").json()["test"]["url_ui"],
            "http://localhost:8080/test/42"
        );
        assert_eq!(hook("system").json()["user"], Value::Null);
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_mail_goes_through_starttls_and_login_with_a_text_and_an_html_part() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate {
        chain: folder.path().join("chain.pem"),
        key: folder.path().join("key.pem"),
    };
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
        ])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-out")
        .arg(&certificate.chain)
        .arg("-keyout")
        .arg(&certificate.key)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let smtp = SmtpOptions {
        login: Some(("dojo".to_owned(), "p:ss w%rd".to_owned())),
        certificate: Some(certificate),
    };
    play_with(&smtp, async |play: Play| {
        play.publish("test_added", about_cranes()).await;
        let messages = received(&play, 9).await;
        let mails: Vec<_> = messages
            .iter()
            .filter(|message| message.channel == Channel::Mail)
            .collect();
        assert_eq!(mails.len(), 3);
        for mail in mails {
            let Via::Smtp { tls, login, from } = &mail.via else {
                panic!("no mail")
            };
            assert_eq!(
                (*tls, login.as_deref(), from.as_str()),
                (true, Some("dojo"), "dojo@hafen.example")
            );
            for part in [
                "multipart/alternative",
                "text/plain",
                "text/html",
                "Auto-Submitted: auto-generated",
            ] {
                assert!(mail.body.contains(part), "no {part}:\n{}", mail.body);
            }
            assert!(
                mail.body
                    .contains("Subject: Hafen notification: Test created for Cranes"),
                "{}",
                mail.body
            );
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_directed_event_on_the_trump_list_reaches_someone_who_switched_everything_off() {
    play(async |play: Play| {
        let off = NewRule {
            scope: RuleScope::Personal { user: MEI },
            channels: everything([]),
        };
        play.store().put_rules(&[off]).await.unwrap();
        play.in_force().await;
        let mut data = about_cranes();
        data["recipients"] = json!(["mei"]);
        data["note"] = json!("please look");
        let event = play.publish("review_requested", data.clone()).await;
        let messages = received(&play, 3).await;
        alerted(&play, &event, &[Some("mei")]).await;
        settled(&play, &event, 3).await;
        assert_eq!(
            targets(&messages),
            set(&[
                (Channel::Mail, "mei@hafen.example"),
                (Channel::Slack, "UMEI"),
                (Channel::Webhooks, "mei")
            ])
        );
        // Off the list the same event reaches nobody; the one after it shows that it was decided.
        play.publish("finding_copied", data).await;
        let last = play
            .publish(
                "product_type_deleted",
                json!({"title": "Gone", "no_users": true}),
            )
            .await;
        settled(&play, &last, 4).await;
        until("the decision on the second event", async || {
            let events = play.store().decided_events().await.unwrap();
            let copied = events.iter().find(|event| event.name == "finding_copied")?;
            assert!(copied.decisions.is_empty(), "{:?}", copied.decisions);
            Some(())
        })
        .await;
        assert_eq!(received(&play, 7).await.len(), 7);
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_recipient_without_access_reads_neither_note_nor_finding_in_any_channel() {
    play(async |play: Play| {
        let mut data = about_cranes();
        data["title"] = json!("Finding review requested for Nightly - Secret-Finding");
        data["description"] = json!("Please review Secret-Finding: Secret-Note");
        data["finding"] = json!({"id": 5, "title": "Secret-Finding", "severity": "Critical"});
        data["note"] = json!("Secret-Note");
        data["recipients"] = json!(["outsider", "mei"]);
        let event = play.publish("review_requested", data).await;
        let messages = received(&play, 5).await;
        settled(&play, &event, 5).await;
        alerted(&play, &event, &[Some("mei"), Some("outsider")]).await;
        for message in &messages {
            let open = ["mei@hafen.example", "UMEI", "mei"].contains(&message.to.as_str());
            assert_eq!(
                message.body.contains("Secret-Note"),
                open,
                "{}:\n{}",
                message.to,
                message.body
            );
            assert_eq!(
                message.body.contains("Secret-Finding"),
                open,
                "{}:\n{}",
                message.to,
                message.body
            );
        }
        let alerts = play.store().alerts().await.unwrap();
        for alert in alerts {
            let text = format!("{} {}", alert.title, alert.description);
            let open = alert.owner.as_deref() == Some("mei");
            assert_eq!(
                text.contains("Secret-Finding"),
                open,
                "{:?}: {text}",
                alert.owner
            );
            assert!(open || !text.contains("Secret-Note"), "{text}");
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_channel_that_is_switched_off_is_off_with_the_next_event() {
    play(async |play: Play| {
        let only_mail = Settings {
            enable_mail_notifications: true,
            mail_notifications_to: "one@hafen.example, two@hafen.example".to_owned(),
            email_from: "dojo@hafen.example".to_owned(),
            ..Settings::default()
        };
        play.store().put_settings(&only_mail).await.unwrap();
        play.in_force().await;
        let event = play.publish("test_added", about_cranes()).await;
        let jobs: Vec<_> = settled(&play, &event, 4)
            .await
            .into_iter()
            .map(|entry| entry.job)
            .collect();
        let mut messages = play.receivers.record.all();
        messages.retain(|message| message.job.is_some_and(|job| jobs.contains(&job)));
        let mails = [
            "admin@hafen.example",
            "mei@hafen.example",
            "one@hafen.example",
            "two@hafen.example",
        ];
        assert_eq!(
            targets(&messages),
            mails.map(|to| (Channel::Mail, to.to_owned())).into()
        );
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_may_succeed_later_is_retried_and_what_never_will_is_kept_with_the_reason() {
    play(async |play: Play| {
        let mut users = vec![system_tests::play::person(MEI, "mei")];
        users[0].email = "reject.mei@hafen.example".to_owned();
        play.store().put_users(&users).await.unwrap();
        let unavailable = Answer::status(StatusCode::SERVICE_UNAVAILABLE);
        play.receivers
            .script("/hooks/mei", [unavailable.clone(), unavailable]);
        play.receivers
            .script("/hooks/system", [Answer::status(StatusCode::GONE)]);
        let event = play.publish("test_added", about_cranes()).await;
        let entries = settled(&play, &event, 9).await;
        let hook = entries
            .iter()
            .find(|entry| entry.channel == Channel::Webhooks && entry.recipient.is_some())
            .unwrap();
        assert_eq!(
            (hook.state, hook.attempts),
            (State::Delivered, 3),
            "two 503, then taken"
        );
        let account = play.store().account().await.unwrap();
        let mut dead: Vec<String> = account
            .dead_letters
            .iter()
            .map(|(service, reason, count)| format!("{service} {reason} {count}"))
            .collect();
        dead.sort();
        assert_eq!(
            dead,
            [
                "email-sender invalid_address 1",
                "webhook-sender endpoint_gone 1"
            ]
        );
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn an_unreadable_message_is_kept_with_the_reason_and_the_others_go_on() {
    play(async |play: Play| {
        for body in [
            b"hello".as_slice(),
            b"{\"specversion\":\"1.0\"}",
            b"\xff\xfe",
            b"",
        ] {
            play.publish_raw("scan_added", body.to_vec()).await;
        }
        let event = play.publish("test_added", about_cranes()).await;
        settled(&play, &event, 9).await;
        let kept = until("four dead letters", async || {
            let account = play.store().account().await.unwrap();
            account
                .dead_letters
                .iter()
                .find(|(service, _, count)| service == "event-router" && *count == 4)
                .cloned()
        })
        .await;
        assert_eq!(kept.1, proto_events::Reason::Unreadable);
        assert_eq!(
            play.world.messages_in_queues().await.unwrap(),
            0,
            "nothing is looped"
        );
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn an_event_about_a_product_that_is_not_known_yet_waits_for_the_directory() {
    play(async |play: Play| {
        let mut data = about_cranes();
        data["product"] = json!({"id": 99, "name": "Newborn"});
        let event = play.publish("test_added", data).await;
        let newborn = Product {
            id: 99,
            name: "Newborn".to_owned(),
            product_type: 1,
            tags: Vec::new(),
        };
        play.store().put_products(&[newborn]).await.unwrap();
        // Nobody but superusers may see it: admin by mail and Slack, and the system.
        settled(&play, &event, 6).await;
        alerted(&play, &event, &[None, Some("admin")]).await;
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn hostile_text_arrives_as_the_text_it_is() {
    play(async |play: Play| {
        let hostile = "<b>Bold</b> <!channel> {{ 7*7 }} *star* 🚢 \u{202e}rtl";
        let mut data = about_cranes();
        data["title"] = json!(format!("{hostile}\r\nBcc: thief@example.com"));
        data["description"] = json!(hostile);
        let event = play.publish("finding_added", data.clone()).await;
        let messages = received(&play, 9).await;
        settled(&play, &event, 9).await;
        for message in &messages {
            let body = quoted_printable::decode(&message.body, quoted_printable::ParseMode::Robust)
                .unwrap();
            let body = String::from_utf8_lossy(&body);
            assert!(
                body.contains("{{ 7*7 }}") || message.channel == Channel::Slack,
                "a template was evaluated: {body}"
            );
            match message.channel {
                Channel::Mail => {
                    let html = body.split("text/html").nth(1).unwrap();
                    assert!(
                        html.contains("&lt;b&gt;Bold") && !html.contains("<b>Bold"),
                        "{html}"
                    );
                    assert!(!body.lines().any(|line| line.starts_with("Bcc:")), "{body}");
                }
                Channel::Slack => {
                    let fallback = message.json()["text"].as_str().unwrap().to_owned();
                    assert!(
                        !fallback.contains("<!channel>") && fallback.contains("&lt;!channel&gt;"),
                        "{fallback}"
                    );
                }
                Channel::Webhooks => assert_eq!(
                    message.json()["title"],
                    data["title"],
                    "data stays as it is"
                ),
                Channel::Alert | Channel::Msteams => {}
            }
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_service_that_is_killed_and_started_again_goes_on() {
    play(async |mut play: Play| {
        play.fleet.kill(Service::EventRouter).await.unwrap();
        play.fleet.kill(Service::WebhookSender).await.unwrap();
        let event = play.publish("test_added", about_cranes()).await;
        play.fleet
            .start(&[Service::EventRouter, Service::WebhookSender])
            .unwrap();
        settled(&play, &event, 9).await;
        assert_eq!(received(&play, 9).await.len(), 9);
        play.end().await;
    })
    .await;
}
