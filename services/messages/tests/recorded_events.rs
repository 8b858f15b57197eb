//! Every recorded event arrives through every channel, within its limits.
#![allow(clippy::unwrap_used)]

mod support;

use support::{DISCLAIMER, Everywhere, SITE, everywhere, html_text, recorded, slack_text};

fn each(check: impl Fn(&str, &Everywhere)) {
    for event in recorded() {
        check(&format!("{} {}", event.name, event.id), &everywhere(&event));
    }
}

#[test]
fn every_event_has_a_title_and_sentences_in_every_channel() {
    each(|id, out| {
        let sentence = out.message.text.lines().next().unwrap();
        assert!(
            !out.message.title.is_empty() && !sentence.is_empty(),
            "{id}"
        );
        for (channel, text) in out.read() {
            let beginning: String = out.message.title.chars().take(100).collect();
            assert!(text.contains(&beginning), "{id}: no title in {channel}");
            assert!(
                text.contains(sentence),
                "{id}: no sentence in {channel}: {text}"
            );
        }
        assert!(
            !out.webhook["description"].as_str().unwrap().is_empty(),
            "{id}"
        );
    });
}

#[test]
fn no_text_is_a_placeholder() {
    each(|id, out| {
        assert!(
            !out.message.text.contains("has occurred"),
            "{id}: {}",
            out.message.text
        );
        for (channel, sent) in out.sent() {
            assert!(!sent.contains("dojo.exampleNone"), "{id} {channel}");
            assert!(
                !sent.contains("“”"),
                "{id} {channel}: a name is missing in {sent}"
            );
        }
    });
}

#[test]
fn every_fact_is_told_to_every_reader() {
    each(|id, out| {
        for fact in &out.message.facts {
            for (channel, text) in out.read() {
                assert!(
                    text.contains(&fact.value),
                    "{id}: no {} in {channel}",
                    fact.label
                );
            }
        }
    });
}

#[test]
fn every_note_is_told_to_every_reader() {
    each(|id, out| {
        for line in out.message.note.iter().flat_map(|note| note.lines()) {
            for (channel, text) in out.read() {
                assert!(text.contains(line), "{id}: no note in {channel}");
            }
        }
    });
}

#[test]
fn every_finding_is_linked_in_mails() {
    each(|id, out| {
        for finding in out.message.groups.iter().flat_map(|group| &group.findings) {
            for part in [&out.mail.text, &html_text(&out.mail.html)] {
                assert!(part.contains(&finding.title), "{id}: {}", finding.title);
            }
            assert!(
                out.mail.text.contains(&finding.href),
                "{id}: {}",
                finding.href
            );
        }
    });
}

#[test]
fn the_disclaimer_ends_every_channel_but_alerts() {
    each(|id, out| {
        for (channel, text) in out.read() {
            assert_eq!(
                text.contains(DISCLAIMER),
                channel != "alert",
                "{id} {channel}"
            );
        }
        assert_eq!(out.webhook["disclaimer"], DISCLAIMER, "{id}");
        assert!(
            out.slack["text"].as_str().unwrap().ends_with("friends."),
            "{id}"
        );
    });
}

#[test]
fn an_event_with_a_link_is_linked_everywhere_and_one_without_nowhere() {
    for event in recorded() {
        let out = everywhere(&event);
        let href = out.message.href().map(str::to_owned);
        assert_eq!(href.is_some(), event.data.url.is_some(), "{}", event.name);
        assert_eq!(out.alert.url, event.data.url, "{}", event.name);
        let card = &out.teams["attachments"][0]["content"];
        assert_eq!(
            card["actions"][0]["url"].as_str(),
            href.as_deref(),
            "{}",
            event.name
        );
        assert_eq!(
            out.mail.html.contains("See the details"),
            href.is_some(),
            "{}",
            event.name
        );
        assert_eq!(
            slack_text(&out.slack).contains("See the details"),
            href.is_some(),
            "{}",
            event.name
        );
        assert_eq!(
            out.webhook.get("url_ui").is_some(),
            href.is_some(),
            "{}",
            event.name
        );
    }
}

#[test]
fn alerts_keep_within_their_fields() {
    each(|id, out| {
        let alert = &out.alert;
        let fields = [
            (&alert.title, 250),
            (&alert.description, 2000),
            (&alert.icon, 25),
            (&alert.source, 100),
        ];
        for (field, limit) in fields {
            assert!(
                field.chars().count() <= limit && !field.is_empty(),
                "{id}: {field}"
            );
        }
    });
}

#[test]
fn mail_subjects_are_one_line_that_begins_with_the_team() {
    each(|id, out| {
        let subject = &out.mail.subject;
        assert!(
            subject.starts_with("Hafenwerk notification: "),
            "{id}: {subject}"
        );
        assert!(!subject.contains(['\r', '\n']), "{id}: {subject}");
    });
}

#[test]
fn teams_gets_a_card_in_the_envelope_of_workflows() {
    each(|id, out| {
        assert_eq!(out.teams["type"], "message", "{id}");
        let attachment = &out.teams["attachments"][0];
        assert_eq!(
            attachment["contentType"], "application/vnd.microsoft.card.adaptive",
            "{id}"
        );
        assert!(attachment["contentUrl"].is_null(), "{id}");
        assert_eq!(attachment["content"]["type"], "AdaptiveCard", "{id}");
        assert_eq!(attachment["content"]["version"], "1.4", "{id}");
    });
}

#[test]
fn links_of_findings_and_products_are_below_the_site() {
    each(|id, out| {
        let facts = out
            .message
            .facts
            .iter()
            .filter(|fact| fact.label == "Product");
        for href in facts.map(|fact| fact.href.as_deref().unwrap()) {
            assert!(href.starts_with(&format!("{SITE}/asset/")), "{id}: {href}");
        }
    });
}
