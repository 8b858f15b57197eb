//! Texts that look like markup, expressions or mentions arrive as the text they are.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::{Value, json};
use support::{Everywhere, event, everywhere};

const HOSTILE: [&str; 9] = [
    "<b>bold</b> <img src=x onerror=alert(1)> & \"quotes\" 'n' &lt; &amp;",
    "<script>alert(1)</script></p></body>",
    "<!channel> <!here> <@U123> <#C1|general> <https://evil.example|click>",
    "*star* _under_ ~strike~ `code` :tada: > quote",
    "[click](http://evil.example/) # head - item 1. one | a | b |",
    "{{ 7*7 }} {% now %} {# note #} {{ title }}",
    "{{DATE(2026-01-01T00:00:00Z, SHORT)}} {{TIME(2026-01-01T00:00:00Z)}}",
    "مرحبا بالعالم \u{202e}abc\u{202c} 🚢 日本語 e\u{301}",
    "back\\slash \\n \\\" %s ${x} @here @everyone",
];

fn with(text: &str) -> Everywhere {
    let data = json!({
        "title": text, "description": text, "note": text, "section": text, "source": text, "url": "/x",
        "product": {"id": 1, "name": text, "tags": [text]},
        "engagement": {"id": 2, "name": text, "lead": text},
        "test": {"id": 3, "title": text, "display": text},
        "finding": {"id": 4, "title": text, "severity": text},
        "findings": {"new": [{"id": 4, "title": text, "severity": text}]},
        "requested_by": {"id": 1, "username": text, "first_name": text, "last_name": text},
    });
    everywhere(&event("unheard_of", &data))
}

#[test]
fn every_reader_sees_the_text_itself() {
    for text in HOSTILE {
        for (channel, read) in with(text).read() {
            assert!(read.contains(text), "{channel} changed {text:?}: {read}");
        }
    }
}

#[test]
fn subject_alert_and_webhook_carry_the_text_itself() {
    for text in HOSTILE {
        let out = with(text);
        assert_eq!(out.mail.subject, format!("Hafenwerk notification: {text}"));
        assert_eq!(out.alert.title, text);
        assert_eq!(out.webhook["title"], text);
        assert_eq!(out.webhook["description"], text);
        assert_eq!(out.webhook["product"]["name"], text);
    }
}

#[test]
fn html_knows_no_tag_of_an_event() {
    for text in HOSTILE {
        let html = with(text).mail.html;
        for tag in [
            "<b>",
            "<img",
            "<script",
            "</body>\n</p>",
            "<!channel",
            "<@U",
        ] {
            assert!(!html.contains(tag), "{tag} from {text}");
        }
        assert_eq!(html.matches("</body>").count(), 1, "{text}");
    }
}

#[test]
fn slack_gets_no_string_with_a_live_mention() {
    for text in HOSTILE {
        let slack = with(text).slack.to_string();
        for mention in ["<!", "<@", "<#"] {
            assert!(!slack.contains(mention), "{mention} from {text}: {slack}");
        }
    }
}

#[test]
fn slack_reads_none_of_its_strings_as_markup() {
    let slack = with(HOSTILE[3]).slack;
    assert_eq!(slack["mrkdwn"], false);
    assert!(
        !slack.to_string().contains("\"mrkdwn\",")
            && !slack["blocks"].to_string().contains("mrkdwn")
    );
    assert!(!slack.to_string().contains("\"emoji\":true"));
}

#[test]
fn teams_gets_texts_only_where_markdown_is_unknown() {
    for text in HOSTILE {
        let teams = with(text).teams.to_string();
        assert!(!teams.contains("\"TextBlock\""), "{teams}");
        assert!(
            !teams.contains("{{DATE") && !teams.contains("{{TIME"),
            "{teams}"
        );
    }
}

#[test]
fn an_old_connector_gets_texts_with_markdown_off_and_without_tags() {
    for text in HOSTILE {
        let card = with(text).connector;
        let sections = card["sections"].as_array().unwrap();
        assert!(sections.iter().all(|section| section["markdown"] == false));
        let sent = card["sections"].to_string();
        for tag in ["<b>", "<img", "<script", "<!channel", "<@U"] {
            assert!(!sent.contains(tag), "{tag} from {text}: {sent}");
        }
    }
}

#[test]
fn line_ends_fold_in_titles_and_stay_in_texts() {
    let data = json!({"title": "One\r\nTwo\nThree", "description": "one\r\ntwo\rthree\n\n\n\nfour", "note": "a\r\nb"});
    let out = everywhere(&event("other", &data));
    assert_eq!(out.mail.subject, "Hafenwerk notification: One Two Three");
    assert_eq!(out.alert.title, "One Two Three");
    assert_eq!(out.message.text, "one\ntwo\nthree\n\nfour");
    assert_eq!(out.message.note.as_deref(), Some("a\nb"));
    assert!(out.mail.html.contains("one<br>two<br>three"));
    let card = out.teams["attachments"][0]["content"]["body"].to_string();
    assert!(!card.contains("\\n") && !card.contains("\\r"), "{card}");
    assert_eq!(out.webhook["title"], "One\r\nTwo\nThree");
}

#[test]
fn control_characters_reach_nobody() {
    let data = json!({"title": "a\u{0}b\u{1b}[31m", "description": "x\u{7}y\u{0}"});
    let out = everywhere(&event("other", &data));
    for (channel, read) in out.read() {
        assert!(
            !read.chars().any(|c| c.is_control() && c != '\n'),
            "{channel}: {read:?}"
        );
    }
}

#[test]
fn only_http_links_can_be_clicked() {
    for url in [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://x/",
        " JavaScript:alert(1)",
    ] {
        let out = everywhere(&event("other", &json!({"title": "t", "url": url})));
        assert_eq!(out.message.href(), None, "{url}");
        assert_eq!(out.alert.url, None, "{url}");
        assert!(
            !out.mail.html.contains(&format!("href=\"{}", url.trim())),
            "{url}"
        );
        assert!(
            out.teams["attachments"][0]["content"]
                .get("actions")
                .is_none(),
            "{url}"
        );
        for (channel, read) in out.read() {
            assert!(
                read.contains(url.trim()),
                "{url} is told as text in {channel}"
            );
        }
    }
}

#[test]
fn links_break_out_of_nothing() {
    let data = json!({"title": "t", "url": "/x?a=\"><script>alert(1)</script>|b>&c='"});
    let out = everywhere(&event("other", &data));
    assert!(!out.mail.html.contains("<script>"));
    let href = out.message.href().unwrap();
    assert!(!href.contains(['<', '>', '"', ' ']), "{href}");
}

#[test]
fn absolute_links_stay_and_paths_go_below_the_site() {
    let ui = |url: &str| -> Value {
        everywhere(&event("other", &json!({"title": "t", "url": url}))).webhook["url_ui"].clone()
    };
    assert_eq!(ui("https://other.example/a"), "https://other.example/a");
    assert_eq!(ui("/finding/1"), "https://dojo.example/finding/1");
    assert_eq!(ui("finding/1"), "https://dojo.example/finding/1");
    assert_eq!(
        ui("//evil.example/x"),
        "https://dojo.example//evil.example/x"
    );
    assert_eq!(
        ui("/login?next=https://a.example/"),
        "https://dojo.example/login?next=https://a.example/"
    );
    assert!(ui("").is_null());
}
