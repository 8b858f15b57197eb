//! Texts that look like markup, expressions or headers arrive as the text they are.

use notifyctl::stage::receivers::Received;
use proto_events::Channel;
use proto_events::directory::{Settings, User};
use serde_json::{Value, json};
use system_tests::look::{about_cranes, alerted, received, settled};
use system_tests::play::{MEI, Play, person, play, settings};
use system_tests::read::{read, texts};

/// The texts of the event, and of mei, that are hostile.
const PLACES: [&str; 9] = [
    "Description",
    "Below",
    "Type",
    "Product",
    "Engagement",
    "Test",
    "Finding",
    "Person",
    "Actor",
];

/// A title that is short enough for every channel to show it whole.
const TITLE: &str = "Title <b>x</b> <!channel> {{ 7*7 }} & \"q\" 🚢 \u{202e}שלום\u{202c}";

/// A team's name has 100 characters at most.
const TEAM: &str = "Team <b>x</b> <!channel> <@U1> *b* {{ 7*7 }} & \"q\" 🚢 \u{202e}שלום\u{202c}";

/// Ends title and description as if a mail's header followed.
const HEADER: &str = "Bcc: thief@example.com";

/// A text after a word that tells where it stood.
fn hostile(place: &str) -> String {
    format!(
        "{place} <b>x</b><img src=x> <!channel> <@U1> <http://evil.example|click> *b* _u_ `c` [c](http://d.example) \
         {{{{ 7*7 }}}} {{% raw %}} {{{{DATE(2026-01-01T00:00:00Z)}}}} & &lt; \"q\" 🚢 \u{202e}שלום\u{202c}"
    )
}

/// An event whose every text is hostile.
fn event() -> Value {
    let mut data = about_cranes();
    data["title"] = json!(format!("{TITLE}\r\n{HEADER}"));
    data["description"] = json!(format!(
        "{}\r\n{}\r\n{HEADER}",
        hostile("Description"),
        hostile("Below")
    ));
    data["product_type"]["name"] = json!(hostile("Type"));
    data["product"]["name"] = json!(hostile("Product"));
    data["engagement"]["name"] = json!(hostile("Engagement"));
    data["test"]["title"] = json!(hostile("Test"));
    data["finding"] = json!({"id": 4, "title": hostile("Finding"), "severity": "High"});
    data["requested_by"] =
        json!({"id": 2, "username": "mei", "first_name": hostile("Person"), "last_name": ""});
    data["actor"] = json!(hostile("Actor"));
    data
}

#[tokio::test]
async fn hostile_texts_arrive_as_the_text_they_are_in_every_channel() {
    play(async |play: Play| {
        let settings = Settings {
            team_name: TEAM.to_owned(),
            ..settings()
        };
        play.store().put_settings(&settings).await.unwrap();
        let mei = User {
            username: hostile("User"),
            first_name: hostile("First"),
            ..person(MEI, "mei")
        };
        play.store().put_users(&[mei]).await.unwrap();
        play.in_force().await;
        let data = event();
        let event = play.publish("other", data.clone()).await;
        for message in received(&play, 9).await {
            match message.channel {
                Channel::Mail => mail(&message),
                Channel::Slack => slack(&message),
                Channel::Msteams => teams(&message),
                Channel::Webhooks => webhook(&message, &data),
                Channel::Alert => {}
            }
        }
        settled(&play, &event, 9).await;
        let mei = hostile("User");
        alerted(&play, &event, &[None, Some("admin"), Some(&mei)]).await;
        for alert in play.store().alerts().await.unwrap() {
            assert_eq!(alert.title, format!("{TITLE} {HEADER}"));
            shows_every_text("the alert", &alert.description);
        }
        play.end().await;
    })
    .await;
}

fn shows_every_text(part: &str, text: &str) {
    for place in PLACES {
        assert!(
            text.contains(&hostile(place)),
            "{part}: {place} is not shown as it is:\n{text}"
        );
    }
}

fn mail(message: &Received) {
    for (part, text) in read(message) {
        assert!(
            text.contains(&format!("{TITLE} {HEADER}")),
            "{part}: {text}"
        );
        if part == "the mail's subject" {
            assert_eq!(text, format!("{TEAM} notification: {TITLE} {HEADER}"));
        } else {
            shows_every_text(part, &text);
        }
    }
    let (headers, _) = message.body.split_once("\r\n\r\n").unwrap();
    assert!(!headers.contains("\nBcc"), "{headers}");
    let html =
        quoted_printable::decode(&message.body, quoted_printable::ParseMode::Robust).unwrap();
    let html = String::from_utf8_lossy(&html).into_owned();
    let (_, html) = html.split_once("text/html").unwrap();
    for tag in ["<b>x", "<img", "<!channel", "<@U1", "<http"] {
        assert!(!html.contains(tag), "{tag} is markup:\n{html}");
    }
}

fn slack(message: &Received) {
    let sent = message.json();
    for (part, text) in read(message) {
        assert!(
            text.contains(&format!("{TITLE} {HEADER}")),
            "{part}: {text}"
        );
        shows_every_text(part, &text);
    }
    // Rich text is never read as markup; whatever might be is escaped, or cut before it could be.
    assert_eq!(sent["mrkdwn"], false);
    for markup in ["<!", "<@", "\"mrkdwn\",", "\"type\":\"mrkdwn\""] {
        assert!(
            !message.body.contains(markup),
            "{markup} is markup:\n{sent}"
        );
    }
    assert!(!sent["text"].as_str().unwrap().contains('<'), "{sent}");
}

/// Text runs know no Markdown; what a `TextBlock` makes of it depends on the client.
fn teams(message: &Received) {
    let sent = message.json();
    let shown = texts(&sent);
    assert!(shown.contains(&format!("{TITLE} {HEADER}")), "{shown}");
    shows_every_text("Teams' card", &shown);
    for markup in ["\"TextBlock\"", "\"FactSet\"", "{{DATE"] {
        assert!(!message.body.contains(markup), "{markup}:\n{sent}");
    }
}

/// Programs get the texts unchanged, line ends too.
fn webhook(message: &Received, data: &Value) {
    let sent = message.json();
    for member in ["title", "description"] {
        assert_eq!(sent[member], data[member]);
    }
    for object in ["product_type", "product", "engagement"] {
        assert_eq!(sent[object]["name"], data[object]["name"]);
    }
    assert_eq!(sent["test"]["title"], data["test"]["title"]);
    assert_eq!(sent["finding"]["title"], data["finding"]["title"]);
    if message.to == "mei" {
        assert_eq!(sent["user"]["username"], hostile("User"));
        assert_eq!(sent["user"]["first_name"], hostile("First"));
    }
}
