//! What is peculiar to one channel.
#![allow(clippy::unwrap_used)]

mod support;

use messages::Context;
use proto_events::directory::Settings;
use serde_json::json;
use support::{Everywhere, context, event, everywhere, first, settings};

#[test]
fn without_a_team_the_subject_begins_without_a_blank() {
    let settings = Settings::default();
    let out = Everywhere::of(&first("product_added"), &context(&settings));
    assert_eq!(out.mail.subject, "notification: CraneControl");
}

#[test]
fn without_a_disclaimer_none_is_sent() {
    let settings = Settings::default();
    let out = Everywhere::of(&first("product_added"), &context(&settings));
    assert!(out.webhook.get("disclaimer").is_none());
    assert!(!out.slack["blocks"].to_string().contains("context"));
}

#[test]
fn an_alert_takes_icon_and_path_from_the_event() {
    let alert = everywhere(&first("finding_added")).alert;
    assert_eq!(
        (alert.icon.as_str(), alert.url.as_deref()),
        ("exclamation-triangle", Some("/finding/38"))
    );
    assert_eq!(
        everywhere(&first("product_added")).alert.icon,
        "info-circle"
    );
}

#[test]
fn an_alerts_source_is_the_kind_of_event_in_title_case() {
    let source = |name: &str| {
        everywhere(&event(name, &json!({"title": "t"})))
            .alert
            .source
    };
    assert_eq!(source("jira_update"), "Jira Problems");
    assert_eq!(source("sla_breach_combined"), "Sla Breach (Combined)");
    assert_eq!(source("engagement_closed"), "Engagement Closed");
    assert_eq!(source("other/../scan_added"), "Other/../Scan Added");
    assert_eq!(source("dummy_foo_event"), "Dummy Foo Event");
}

#[test]
fn mails_lead_to_the_page_where_the_reader_can_change_them() {
    let settings = settings();
    let base = Context {
        notify_url: "https://notify.example/",
        ..context(&settings)
    };
    let event = first("product_added");
    let to_person = Everywhere::of(&event, &base).mail;
    assert!(
        to_person
            .text
            .contains("https://notify.example/notifications\n"),
        "{}",
        to_person.text
    );
    let to_system = Everywhere::of(
        &event,
        &Context {
            personal: false,
            ..base
        },
    )
    .mail;
    assert!(
        to_system
            .text
            .contains("https://notify.example/notifications/system"),
        "{}",
        to_system.text
    );
}

#[test]
fn a_mail_reads_on_phones_and_in_the_dark() {
    let html = everywhere(&first("scan_added")).mail.html;
    for needed in [
        "width=device-width",
        "prefers-color-scheme: dark",
        "max-width: 480px",
        "dir=\"auto\"",
    ] {
        assert!(html.contains(needed), "{needed}");
    }
}

#[test]
fn a_mail_loads_nothing_from_elsewhere() {
    let html = everywhere(&first("scan_added")).mail.html;
    for loading in ["<img", "<link", "<script", "url(", "src="] {
        assert!(!html.contains(loading), "{loading}");
    }
}

#[test]
fn slacks_fallback_text_says_it_all_without_blocks() {
    let slack = everywhere(&first("sla_breach_combined")).slack;
    let text = slack["text"].as_str().unwrap();
    for words in [
        "3 findings",
        "Product: CraneControl",
        "Session Fixation &amp; Friends",
        "https://dojo.example/finding/4",
    ] {
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn a_teams_card_is_one_that_every_client_knows_with_a_button_to_the_page() {
    let card = &everywhere(&first("scan_added")).teams["attachments"][0];
    assert_eq!(
        card["contentType"],
        "application/vnd.microsoft.card.adaptive"
    );
    let content = &card["content"];
    assert_eq!(content["version"], "1.4");
    assert_eq!(content["actions"][0]["type"], "Action.OpenUrl");
    assert!(content.to_string().contains("Product: "));
}

#[test]
fn an_old_connector_gets_a_message_card_with_facts_and_a_button() {
    let out = everywhere(&first("scan_added"));
    let card = out.connector;
    assert_eq!(card["@type"], "MessageCard");
    assert_eq!(card["summary"], out.message.title);
    let href = out.message.href().unwrap();
    assert_eq!(card["potentialAction"][0]["targets"][0]["uri"], href);
    let facts = card["sections"][0]["facts"].as_array().unwrap();
    assert!(facts.iter().any(|fact| fact["name"] == "Product"));
}
