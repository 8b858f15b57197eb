//! Mail, from the event to what the relay took.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use notifyctl::stage::SmtpOptions;
use notifyctl::stage::receivers::{Certificate, Received, Via};
use proto_events::directory::Settings;
use proto_events::outcome::State;
use proto_events::{Channel, Reason, Service};
use serde_json::json;
use store::LedgerEntry;
use system_tests::look::{about_cranes, received, settled};
use system_tests::play::{MEI, Opening, PATIENCE, Play, play_with, settings, until};

use crate::bad_input::filed;

const PAGES: &str = "https://notify.hafen.example";

/// Router and email-sender only, with pages for people.
fn mails_only() -> Opening {
    Opening {
        services: vec![Service::EventRouter, Service::EmailSender],
        environment: vec![("DD_NOTIFY_URL", PAGES.to_owned())],
        ..Opening::default()
    }
}

/// System Settings with mail only, to two addresses.
fn to_two() -> Settings {
    Settings {
        enable_slack_notifications: false,
        enable_msteams_notifications: false,
        enable_webhooks_notifications: false,
        mail_notifications_to: "one@hafen.example, two@hafen.example".to_owned(),
        ..settings()
    }
}

/// The lines of a mail's head, long ones put together again.
fn head(mail: &Received) -> String {
    let (head, _) = mail.body.split_once("\r\n\r\n").unwrap();
    head.replace("\r\n ", " ")
}

fn to<'a>(mails: &'a [Arc<Received>], address: &str) -> &'a Received {
    mails.iter().find(|mail| mail.to == address).unwrap()
}

#[tokio::test]
async fn each_address_gets_a_mail_of_its_own_and_only_people_can_unsubscribe() {
    play_with(mails_only(), async |play: Play| {
        play.store().put_settings(&to_two()).await.unwrap();
        play.in_force().await;
        let event = play.publish("test_added", about_cranes()).await;
        let ledger = settled(&play, &event, 4).await;
        let mails = received(&play, 4).await;
        let ids: BTreeSet<_> = mails.iter().map(|mail| mail.job.unwrap()).collect();
        assert_eq!(ids, ledger.iter().map(|entry| entry.job).collect());
        for mail in &mails {
            let head = head(mail);
            assert!(head.contains(&format!("To: {}\r\n", mail.to)), "{head}");
            let root = "<engagement-9.localhost@hafen.example>";
            for line in [
                format!("References: {root}\r\n"),
                format!("In-Reply-To: {root}\r\n"),
                "List-Id: DefectDojo <notifications.localhost>\r\n".to_owned(),
                "Auto-Submitted: auto-generated\r\n".to_owned(),
            ] {
                assert!(head.contains(&line), "no {line}in {head}");
            }
        }
        for address in ["one@hafen.example", "two@hafen.example"] {
            assert!(!head(to(&mails, address)).contains("List-Unsubscribe"));
        }
        let mei = head(to(&mails, "mei@hafen.example"));
        let link = format!("List-Unsubscribe: <{PAGES}/unsubscribe/{MEI}.");
        assert!(mei.contains(&link), "{mei}");
        let post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
        assert!(mei.contains(post), "{mei}");
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_the_relay_puts_off_comes_later_and_what_it_refuses_is_given_up() {
    play_with(mails_only(), async |play: Play| {
        let settings = Settings {
            mail_notifications_to: "defer-once@hafen.example, reject@hafen.example, no address"
                .to_owned(),
            ..to_two()
        };
        play.store().put_settings(&settings).await.unwrap();
        play.in_force().await;
        let event = play.publish("test_added", about_cranes()).await;
        let letters = filed(&play, 2).await;
        let reasons: Vec<_> = letters.iter().map(|letter| letter.reason).collect();
        assert_eq!(reasons, [Reason::InvalidAddress; 2]);
        let ledger = settled(&play, &event, 5).await;
        let became = |state, attempts| {
            let alike = ledger
                .iter()
                .filter(|entry| (entry.state, entry.attempts) == (state, attempts));
            alike.count()
        };
        assert_eq!(became(State::Delivered, 1), 2, "admin and mei: {ledger:?}");
        assert_eq!(became(State::Delivered, 2), 1, "put off once: {ledger:?}");
        assert_eq!(became(State::Dead, 1), 2, "refused, no address: {ledger:?}");
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_title_of_megabytes_arrives_as_a_subject_that_is_cut() {
    play_with(mails_only(), async |play: Play| {
        play.store().put_settings(&to_two()).await.unwrap();
        play.in_force().await;
        let mut data = about_cranes();
        data["title"] = json!("A".repeat(3 * 1024 * 1024));
        play.publish("test_added", data).await;
        for mail in received(&play, 4).await {
            assert!(mail.body.len() < 64 * 1024, "{} bytes", mail.body.len());
            let longest = mail.body.lines().map(str::len).max();
            assert!(longest <= Some(998), "{longest:?}");
        }
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_relay_with_a_wrong_certificate_gets_no_mail_until_somebody_trusts_it() {
    let folder = tempfile::tempdir().unwrap();
    let [right, wrong] = ["right", "wrong"].map(|name| certificate(folder.path(), name));
    let trusted = wrong.chain.display().to_string();
    let mut opening = Opening {
        smtp: SmtpOptions {
            login: Some(("dojo".to_owned(), "secret".to_owned())),
            certificate: Some(right.clone()),
        },
        ..mails_only()
    };
    opening.environment.push(("DD_EXTRA_CA_FILE", trusted));
    play_with(opening, async |mut play: Play| {
        play.store().put_settings(&to_two()).await.unwrap();
        play.in_force().await;
        let event = play.publish("test_added", about_cranes()).await;
        until("the refused certificate in the ledger", async || {
            let ledger = play.store().ledger().await.unwrap();
            let retrying = |entry: &LedgerEntry| {
                entry.channel == Channel::Mail && entry.state == State::Retrying
            };
            ledger.iter().any(retrying).then_some(())
        })
        .await;
        assert!(play.receivers.record.all().is_empty());
        let trusted = right.chain.display().to_string();
        let service = Service::EmailSender;
        play.fleet.set(service, "DD_EXTRA_CA_FILE", &trusted);
        play.fleet.renew(service, PATIENCE).await.unwrap();
        let ledger = settled(&play, &event, 4).await;
        assert!(ledger.iter().all(|entry| entry.state == State::Delivered));
        for mail in received(&play, 4).await {
            let Via::Smtp { tls, login, .. } = &mail.via else {
                panic!("no mail: {:?}", mail.via);
            };
            assert_eq!((*tls, login.as_deref()), (true, Some("dojo")));
        }
        play.end().await;
    })
    .await;
}

/// A certificate for `localhost` that vouches for itself.
fn certificate(folder: &Path, name: &str) -> Certificate {
    let file = |end: &str| folder.join(format!("{name}-{end}.pem"));
    let (chain, key) = (file("chain"), file("key"));
    let words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
                 -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE";
    let made = Command::new("openssl")
        .args(words.split_whitespace())
        .arg("-out")
        .arg(&chain)
        .arg("-keyout")
        .arg(&key)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    Certificate { chain, key }
}

#[tokio::test]
async fn a_relay_that_says_nothing_costs_an_attempt_its_time() {
    play_with(mails_only(), async |mut play: Play| {
        // Takes connections, as the kernel does for it, and says nothing.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", silent.local_addr().unwrap());
        let sender = Service::EmailSender;
        play.fleet.set(sender, "DD_EMAIL_URL", &url);
        play.fleet.set(sender, "DD_ATTEMPT_TIMEOUT", "1");
        play.fleet.renew(sender, PATIENCE).await.unwrap();
        let data = json!({"title": "A scan", "no_users": true});
        let event = play.publish("scan_added", data).await;
        let (reason, detail): (String, String) = until("the attempt's end", async || {
            let mut database = play.database().await;
            let sql = "SELECT reason, detail FROM deliveries WHERE event_id = $1 AND state = 'retrying' LIMIT 1";
            let ended = sqlx::query_as(sql).bind(&event);
            ended.fetch_optional(&mut database).await.unwrap()
        })
        .await;
        assert_eq!(reason, "timeout");
        assert_eq!(detail, "no outcome within 1 s (DD_ATTEMPT_TIMEOUT)");
        play.end().await;
    })
    .await;
}
