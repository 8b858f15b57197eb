//! What each event says.

mod support;

use serde_json::json;
use support::{event, everywhere, first};

/// The sentences of the first recorded event of a name hold each of the words.
#[track_caller]
fn says(name: &str, words: &[&str]) {
    let text = everywhere(&first(name)).message.text;
    for word in words {
        assert!(text.contains(word), "{name} does not say {word:?}: {text}");
    }
}

#[test]
fn new_products_and_engagements_are_named_with_what_they_belong_to() {
    says(
        "product_type_added",
        &["The product type “Port Systems” was added by ingrid.holm"],
    );
    says(
        "product_added",
        &[
            "The product “CraneControl” was added",
            "“Port Systems”",
            "by tomasz_w",
        ],
    );
    says(
        "engagement_added",
        &["“Q4 crane pentest”", "“CraneControl”", "tomasz_w leads it"],
    );
    says(
        "test_added",
        &[
            "Manual: \"gate\" logic (Manual Code Review)",
            "“Q4 crane pentest”",
            "“CraneControl”",
        ],
    );
}

#[test]
fn a_scan_is_told_with_its_findings_by_severity() {
    says(
        "scan_added",
        &[
            "Crane sweep \"A\"",
            "“CraneControl”",
            "10 findings",
            "10 new (4 Critical, 3 High, 1 Medium, 1 Low, 1 Info)",
        ],
    );
    says(
        "scan_added_empty",
        &[
            "changed nothing",
            "no finding is new, reactivated or closed",
        ],
    );
}

#[test]
fn findings_are_told_with_severity_and_place() {
    says(
        "finding_added",
        &[
            "was added by tomasz_w",
            "rated High",
            "its SLA ends on Dec 21, 2026",
            "“CraneControl”",
        ],
    );
    says(
        "finding_closed",
        &["was closed by tomasz_w", "rated Info", "“CraneControl”"],
    );
    says(
        "finding_reopened",
        &["was reopened by tomasz_w", "open again"],
    );
    says(
        "finding_copied",
        &[
            "was copied by tomasz_w",
            "“CraneControl”",
            "a finding of its own",
        ],
    );
}

#[test]
fn a_review_request_names_who_asks_whom_about_what() {
    says(
        "review_requested",
        &[
            "Tomasz Wiśniewski (tomasz_w) asks",
            "Carl Dupont (CarlDupont), Ingrid Holm (ingrid.holm)",
            "“Default Password on PLC Gateway <!channel>” (severity Critical)",
            "“CraneControl”",
        ],
    );
}

#[test]
fn a_mention_names_who_wrote_where() {
    let words = "Tomasz Wiśniewski (tomasz_w) mentioned you in a note on the finding “Gate Opens on \"Reboot\" & Stays Open”.";
    says("user_mentioned", &[words]);
}

#[test]
fn an_sla_breach_tells_the_days() {
    says(
        "sla_breach",
        &[
            "“Session Fixation & Friends” (severity High)",
            "1 day overdue",
            "it ended on Nov 21, 2026",
        ],
    );
    let left = |age: i64| {
        let data = json!({"title": "t", "sla_age": age, "finding": {"id": 1, "title": "F"}});
        everywhere(&event("sla_breach", &data)).message.text
    };
    assert!(left(-3).contains("3 days overdue"), "{}", left(-3));
    assert!(
        left(0).contains("reaches the end of its SLA today"),
        "{}",
        left(0)
    );
    assert!(left(1).contains("1 day left"), "{}", left(1));
}

#[test]
fn combined_sla_breaches_list_their_findings_with_dates() {
    says(
        "sla_breach_combined",
        &[
            "3 findings (1 Critical 2 days overdue, 1 High 1 day overdue, 1 Medium 4 days overdue)",
            "“CraneControl”",
            "have missed the SLA",
        ],
    );
    for (channel, text) in everywhere(&first("sla_breach_combined")).read() {
        assert!(
            text.contains("found Nov 13, 2026; SLA ended Nov 20, 2026, 2 days overdue"),
            "{channel}: {text}"
        );
    }
}

#[test]
fn a_risk_acceptance_tells_when_it_ends_and_what_it_covers() {
    says(
        "risk_acceptance_expiration",
        &[
            "“Риск принят”",
            "expires on Nov 27, 2026",
            "covers 1 accepted finding (1 High)",
        ],
    );
    let expired = json!({
        "title": "t",
        "risk_acceptance": {"id": 3, "name": "R", "expiration_date": "2026-11-22T01:00:00+00:00"},
        "accepted_findings": [{"id": 1, "title": "A"}, {"id": 2, "title": "B"}],
        "reactivated_findings": [{"id": 2, "title": "B"}],
    });
    let text = everywhere(&event("risk_acceptance_expiration", &expired))
        .message
        .text;
    for words in [
        "“R” expired on Nov 22, 2026",
        "covered 2 accepted findings",
        "Active again: 1",
    ] {
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn engagements_tell_what_is_to_be_done() {
    says(
        "upcoming_engagement",
        &[
            "“Тест на проникновение 2026”",
            "“Гавань API”",
            "mei-lin leads it",
        ],
    );
    says(
        "stale_engagement",
        &["Stale \"old\" one", "Nov. 21, 2026", "still in progress"],
    );
    says(
        "auto_close_engagement",
        &["Auto close <me> & co", "Nov. 12, 2026", "reopen it"],
    );
    says(
        "engagement_closed",
        &["was closed", "“CraneControl”", "tomasz_w"],
    );
    says(
        "close_engagement",
        &["“Q4 crane pentest” was closed", "“CraneControl”"],
    );
    says("engagement_reopened", &["was reopened", "mei-lin"]);
    says("engagement_copied", &["was copied by tomasz_w"]);
}

#[test]
fn deletions_tell_what_went_with_the_object() {
    says(
        "product_deleted",
        &[
            "was deleted by staff.rosa",
            "engagements, tests and findings",
        ],
    );
    says(
        "product_type_deleted",
        &["was deleted by ingrid.holm", "products"],
    );
    says(
        "engagement_deleted",
        &["was deleted by staff.rosa", "tests and findings"],
    );
    says("test_deleted", &["was deleted by staff.rosa", "findings"]);
    says(
        "finding_deleted",
        &["was deleted by staff.rosa", "cannot be undone"],
    );
    says("finding_group_deleted", &["was deleted", "remain"]);
    says("url_deleted", &["https://old.hafenwerk.example:8443"]);
    says(
        "endpoint_deleted",
        &["https://legacy.hafenwerk.example/a&b"],
    );
}

#[test]
fn jira_and_sonarqube_tell_the_reason() {
    says(
        "jira_update",
        &[
            "Field 'priority' <b>cannot</b> be set",
            "“Session Fixation & Friends” (severity High)",
        ],
    );
    says(
        "jira_comment",
        &[
            "commented in JIRA",
            "“Session Fixation & Friends” (severity High)",
            "“CraneControl”",
        ],
    );
    says("jira_config_added", &["was added by Ingrid Holm"]);
    says(
        "jira_config_edited",
        &["was edited by Ingrid Holm", "new settings"],
    );
    says(
        "jira_config_deleted",
        &["was deleted by ingrid.holm", "Nothing is pushed"],
    );
    says(
        "sonarqube_failed",
        &["There are no API Scan Configurations", "“CraneControl”"],
    );
}

#[test]
fn an_unknown_event_says_its_description() {
    let data = json!({"title": "Done", "description": "Version 7 is out."});
    assert_eq!(
        everywhere(&event("hafen_deploy_finished", &data))
            .message
            .text,
        "Version 7 is out."
    );
}

#[test]
fn an_unknown_event_without_description_says_what_it_knows() {
    let message = everywhere(&event("hafen_deploy_finished", &json!({"title": ""}))).message;
    assert_eq!(message.title, "Hafen Deploy Finished");
    assert!(
        message.text.contains("Hafen Deploy Finished"),
        "{}",
        message.text
    );
}

#[test]
fn an_event_name_is_never_a_path_to_another_template() {
    for name in [
        "other/../scan_added",
        "mail.html",
        "../layouts/mail.html",
        "scan_added.txt",
    ] {
        let message = everywhere(&event(name, &json!({"title": "T", "description": "D"}))).message;
        assert_eq!(message.text, "D", "{name}");
    }
}

#[test]
fn a_description_is_told_although_the_event_has_words_of_its_own() {
    for name in [
        "product_added",
        "scan_added",
        "upcoming_engagement",
        "sla_breach",
        "user_mentioned",
        "review_requested",
    ] {
        let text = everywhere(&event(
            name,
            &json!({"title": "T", "description": "Mind the gap."}),
        ))
        .message
        .text;
        assert!(text.contains("Mind the gap."), "{name}: {text}");
    }
}

#[test]
fn an_event_with_nothing_but_a_name_still_reads_as_a_sentence() {
    for recorded in support::recorded() {
        let name = recorded.name.as_str();
        let text = everywhere(&event(name, &json!({"title": ""}))).message.text;
        assert!(
            !text.contains("“”") && !text.contains("  ") && !text.contains(" ."),
            "{name}: {text}"
        );
        assert!(text.ends_with(['.', '?']), "{name}: {text}");
    }
}

#[test]
fn findings_of_one_severity_stand_with_the_longest_overdue_first() {
    let due = |id: i64, day: &str| json!({"id": id, "title": format!("F{id}"), "severity": "High", "sla_expiration_date": day});
    let data = json!({
        "title": "SLA", "breach_kind": "breached",
        "findings": [due(1, "2026-11-21"), due(2, "2026-11-17"), {"id": 3, "title": "F3", "severity": "High"}],
    });
    let message = everywhere(&event("sla_breach_combined", &data)).message;
    let heading = "SLA has ended: 3 (3 High up to 5 days overdue)";
    assert_eq!(message.groups[0].heading(), heading);
    let titles: Vec<&str> = message.groups[0]
        .findings
        .iter()
        .map(|finding| finding.title.as_str())
        .collect();
    assert_eq!(titles, ["F2", "F1", "F3"]);
}
