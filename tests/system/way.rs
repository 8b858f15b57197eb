//! An event goes in, every channel comes out.

use std::collections::BTreeSet;
use std::process::Command;

use notifyctl::stage::SmtpOptions;
use notifyctl::stage::receivers::{Certificate, Via};
use proto_events::Channel;
use proto_events::directory::Settings;
use proto_events::outcome::State;
use serde_json::Value;
use system_tests::look::{about_cranes, alerted, received, set, settled, targets};
use system_tests::play::{Opening, Play, play, play_with};

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
    let opening = Opening {
        smtp,
        ..Opening::default()
    };
    play_with(opening, async |play: Play| {
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
