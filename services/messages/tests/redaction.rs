//! A recipient without access gets the news, not its contents.

mod support;

use serde_json::json;
use support::{event, first, recorded, redacted};

#[test]
fn no_channel_tells_a_note_or_a_findings_title() {
    for event in recorded() {
        let out = redacted(&event);
        let data = &event.data;
        let listed = out.message.groups.len();
        assert_eq!(listed, 0, "{}", event.name);
        let note = data
            .note
            .iter()
            .flat_map(|note| note.lines())
            .map(str::to_owned);
        let finding = data.finding.iter().map(|finding| finding.title.clone());
        let section = data
            .section
            .iter()
            .filter_map(|section| section.split_once(": "))
            .map(|(_, name)| name.to_owned())
            .filter(|name| name != "None");
        let accepted = data
            .accepted_findings
            .iter()
            .flatten()
            .map(|finding| finding.title.clone());
        for secret in note.chain(finding).chain(section).chain(accepted) {
            for (channel, sent) in out.sent() {
                assert!(
                    !sent.contains(&secret),
                    "{} tells {secret:?} in {channel}",
                    event.name
                );
            }
            for (channel, read) in out.read() {
                assert!(
                    !read.contains(&secret),
                    "{} tells {secret:?} in {channel}",
                    event.name
                );
            }
        }
    }
}

#[test]
fn free_text_of_the_publisher_stays_out() {
    let secret = "s3cr3t";
    let data = json!({
        "title": secret, "description": secret, "source": secret, "note": secret, "section": secret,
        "breach_kind": secret, "sla_age": -77,
        "finding": {"id": 4, "title": secret, "severity": secret, "date": "2026-01-02", "sla_expiration_date": "2026-01-03"},
        "findings": [{"id": 5, "title": secret, "severity": "High"}],
        "risk_acceptance": {"id": 6, "name": secret, "owner": secret, "expiration_date": secret},
        "product": {"id": 1, "name": "P", "tags": [secret]},
    });
    for name in [
        "review_requested",
        "user_mentioned",
        "sla_breach",
        "scan_added",
        "unheard_of",
    ] {
        for (channel, sent) in redacted(&event(name, &data)).sent() {
            for word in [secret, "77", "Jan 2, 2026", "Jan 3, 2026"] {
                assert!(
                    !sent.contains(word),
                    "{name} tells {word} in {channel}: {sent}"
                );
            }
        }
    }
}

#[test]
fn a_review_request_still_tells_who_asks_and_where() {
    let out = redacted(&first("review_requested"));
    assert_eq!(out.message.title, "Review Requested");
    for (channel, text) in out.read() {
        for word in [
            "Tomasz Wiśniewski (tomasz_w)",
            "Carl Dupont (CarlDupont)",
            "CraneControl",
            "left out",
        ] {
            assert!(text.contains(word), "no {word} in {channel}: {text}");
        }
    }
    assert_eq!(out.message.href(), Some("https://dojo.example/finding/2"));
}

#[test]
fn a_redacted_webhook_body_says_so_and_names_the_finding_by_id() {
    let body = redacted(&first("review_requested")).webhook;
    assert_eq!(body["redacted"], true);
    assert_eq!(body["title"], "Review Requested");
    let finding = json!({
        "id": 2,
        "url_ui": "https://dojo.example/finding/2",
        "url_api": "https://dojo.example/api/v2/findings/2/",
    });
    assert_eq!(body["finding"], finding);
}

#[test]
fn a_body_for_someone_with_access_does_not_mention_redaction() {
    assert!(
        support::everywhere(&first("review_requested"))
            .webhook
            .get("redacted")
            .is_none()
    );
}
