//! Templates that operators bring.
#![allow(clippy::unwrap_used)]

mod support;

use messages::{Context, Message, MessageError, Templates};
use proto_events::{Channel, Event};
use serde_json::json;
use support::{context, event, settings};

/// The built-in templates with these in their places.
fn with(files: &[(&str, &str)]) -> Templates {
    let mut templates = Templates::built_in().unwrap();
    for (file, source) in files {
        templates.replace(file, source).unwrap();
    }
    templates
}

fn refused(file: &str, source: &str) -> String {
    let error: MessageError = Templates::built_in()
        .unwrap()
        .replace(file, source)
        .unwrap_err();
    error.to_string()
}

fn said(templates: &Templates, event: &Event, channel: Channel) -> String {
    let settings = settings();
    let context = Context {
        channel,
        ..context(&settings)
    };
    Message::compose(templates, event, &context).unwrap().text
}

#[test]
fn an_operators_template_takes_the_place_of_ours() {
    let templates = with(&[
        ("product_added.txt", "Neu: {{ product }}{{ engagement }}"),
        ("mail.html", "<p>{{ title }}</p>"),
    ]);
    let settings = settings();
    let event = event(
        "product_added",
        &json!({"title": "<T>", "product": {"id": 1, "name": "<P>"}}),
    );
    let message = Message::compose(&templates, &event, &context(&settings)).unwrap();
    assert_eq!(message.text, "Neu: <P>");
    let mail = messages::mail(&templates, &message).unwrap();
    assert_eq!(mail.html, "<p>&lt;T&gt;</p>");
}

#[test]
fn an_operator_can_give_an_unknown_event_its_words() {
    let templates = with(&[("hafen_deploy_finished.txt", "Deployed: {{ title }}")]);
    let event = event("hafen_deploy_finished", &json!({"title": "v7"}));
    assert_eq!(said(&templates, &event, Channel::Mail), "Deployed: v7");
    assert!(!Templates::knows("hafen_deploy_finished"));
}

#[test]
fn the_nearest_template_counts_the_channels_own_before_that_of_every_channel() {
    let templates = with(&[
        ("slack/scan_added.txt", "slack and scan"),
        ("scan_added.txt", "scan"),
        ("slack/other.txt", "slack and other"),
        ("other.txt", "other"),
    ]);
    let scan = event("scan_added", &json!({"title": "t"}));
    let unheard = event("unheard_of", &json!({"title": "t"}));
    let product = event("product_added", &json!({"title": "P"}));
    assert_eq!(said(&templates, &scan, Channel::Slack), "slack and scan");
    assert_eq!(said(&templates, &scan, Channel::Mail), "scan");
    assert_eq!(
        said(&templates, &unheard, Channel::Slack),
        "slack and other"
    );
    assert_eq!(said(&templates, &unheard, Channel::Alert), "other");
    // What is written for an event says more than what is written for all others.
    assert!(said(&templates, &product, Channel::Slack).starts_with("The product “P”"));
}

#[test]
fn a_template_knows_event_channel_and_link() {
    let templates = with(&[("other.txt", "{{ event }} {{ channel }} {{ url }}")]);
    let event = event("unheard_of", &json!({"title": "t", "url": "/test/1"}));
    assert_eq!(
        said(&templates, &event, Channel::Msteams),
        "unheard_of msteams https://dojo.example/test/1"
    );
}

/// An event whose name is a path, or whose texts look like templates, gets at no template.
#[test]
fn neither_an_events_name_nor_its_texts_reach_a_template() {
    let templates = with(&[
        ("slack/product_added.txt", "Slack's own"),
        ("other.txt", "{{ title }} / {{ description }}"),
    ]);
    let hostile = "{{ 7*7 }} {% include \"ping\" %} {% if x %}";
    let data = json!({"title": hostile, "description": hostile});
    for name in [
        "slack/product_added",
        "../product_added",
        "mail.html",
        "product_added.txt",
    ] {
        for channel in Channel::ALL {
            let said = said(&templates, &event(name, &data), channel);
            assert_eq!(said, format!("{hostile} / {hostile}"), "{name} {channel}");
        }
    }
}

#[test]
fn a_template_that_does_not_parse_is_refused_with_file_and_line() {
    for file in ["other.txt", "slack/other.txt", "mail.html"] {
        let words = refused(file, "one\n{% if %}");
        assert!(
            words.contains(&format!("{file} is broken at line 2")),
            "{words}"
        );
    }
}

#[test]
fn a_template_that_asks_for_what_there_is_not_is_refused_with_file_and_line() {
    for file in ["scan_added.txt", "slack/scan_added.txt", "mail.html"] {
        let words = refused(file, "{{ title }}\n\n{{ prodct }}");
        let told = format!("{file} is broken at line 3: there is no value \"prodct\"");
        assert!(words.contains(&told), "{words}");
        let words = refused(file, "one\n{{ title | uper }}");
        assert!(
            words.contains(&format!("{file} is broken at line 2: unknown filter")),
            "{words}"
        );
    }
}

#[test]
fn loops_variables_and_functions_of_a_template_are_its_own() {
    let source = "{% set n = 1 %}{% for i in range(2) %}{{ loop.index + n }}{% endfor %}";
    let templates = with(&[("other.txt", source)]);
    let event = event("other", &json!({"title": "t"}));
    assert_eq!(said(&templates, &event, Channel::Mail), "23");
}

#[test]
fn a_file_of_another_name_is_refused() {
    for file in [
        "style.css",
        "discord/other.txt",
        "slack/a/b.txt",
        "slack/mail.html",
        ".txt",
        "slack/.txt",
    ] {
        let words = refused(file, "");
        assert!(words.contains(file) && words.contains("neither"), "{words}");
    }
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut templates = with(&[("other.txt", "good")]);
    for broken in ["{% if %}", "{{ nothing }}", "{{ title | uper }}"] {
        templates.replace("other.txt", broken).unwrap_err();
    }
    let event = event("other", &json!({"title": "t"}));
    assert_eq!(said(&templates, &event, Channel::Mail), "good");
}

#[test]
fn a_template_that_does_not_render_is_an_error_that_tells_no_text_of_the_event() {
    let source = "{% if finding is undefined %}{{ title + 1 }}{% endif %}";
    let settings = settings();
    let event = event("other", &json!({"title": "s3cr3t"}));
    for file in ["other.txt", "mail/other.txt"] {
        let templates = with(&[(file, source)]);
        let error = Message::compose(&templates, &event, &context(&settings)).unwrap_err();
        assert_eq!(error.template, file);
        assert!(!error.to_string().contains("s3cr3t"), "{error}");
    }
}
