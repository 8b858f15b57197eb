//! The Teams message: an adaptive card in the envelope that Workflows expects.
//!
//! The event's texts stand in text runs, which know no markdown (Adaptive Cards 1.2,
//! `TextRun`): Teams' clients disagree about how markdown is escaped in a `TextBlock`.

mod run;

use serde_json::{Value, json};

use self::run::Run;
use crate::findings::{FindingGroup, FindingLine};
use crate::layout::budget::{Budget, fitting};
use crate::layout::object;
use crate::message::{Fact, Message};
use crate::text;

/// Largest message, as [`counted`]. Teams takes 28 KB (learn.microsoft.com, "Create
/// incoming webhooks"); how it counts is not told, so there is room to be wrong.
const BYTES: usize = 20_000;

/// The message as the body of a request to a Workflows address.
#[must_use]
pub fn teams(message: &Message) -> Value {
    fitting(|budget| envelope(message, budget), fits)
}

/// Whether Teams takes a message of this size.
pub(super) fn fits(message: &Value) -> bool {
    counted(&message.to_string()) < BYTES
}

/// The bytes that Teams counts at worst. It counted 28.9 KB where 24.4 KB were sent: as if
/// the JSON were kept as a text in other JSON, where quotes and backslashes are escaped,
/// and, in some writers of JSON, all that is not ASCII.
fn counted(sent: &str) -> usize {
    let cost = |c: char| match c {
        '"' | '\\' => 2,
        _ if c.is_ascii() => 1,
        _ => r"\uffff".len() * c.len_utf16(),
    };
    // With the quotes around that text.
    sent.chars().map(cost).sum::<usize>() + 2
}

fn envelope(message: &Message, budget: Budget) -> Value {
    let attachment = object([
        (
            "contentType",
            "application/vnd.microsoft.card.adaptive".into(),
        ),
        ("contentUrl", Value::Null),
        ("content", card(message, budget)),
    ]);
    object([
        ("type", "message".into()),
        ("attachments", vec![attachment].into()),
    ])
}

fn card(message: &Message, budget: Budget) -> Value {
    let mut card = object([
        (
            "$schema",
            "http://adaptivecards.io/schemas/adaptive-card.json".into(),
        ),
        ("type", "AdaptiveCard".into()),
        ("version", "1.4".into()),
        ("msteams", json!({ "width": "Full" })),
        ("body", body(message, budget).into()),
    ]);
    if let Some(href) = message.href() {
        card["actions"] =
            json!([{ "type": "Action.OpenUrl", "title": "See the details", "url": href }]);
    }
    card
}

fn body(message: &Message, budget: Budget) -> Vec<Value> {
    let category = text::shortened(&message.category, budget.value);
    let title = text::shortened(&message.title, budget.text);
    let mut body = vec![
        block(
            "Default",
            Run {
                subtle: true,
                ..Run::new(&category)
            }
            .inlines(),
        ),
        block(
            "None",
            Run {
                size: "Large",
                bold: true,
                ..Run::new(&title)
            }
            .inlines(),
        ),
    ];
    body.extend(paragraphs(&text::shortened(&message.text, budget.text)));
    body.extend(message.note.as_ref().map(|note| {
        let lines = paragraphs(&text::shortened(note, budget.note));
        object([
            ("type", "Container".into()),
            ("style", "emphasis".into()),
            ("spacing", "Medium".into()),
            ("items", lines.into()),
        ])
    }));
    body.extend(
        message
            .facts
            .iter()
            .take(budget.facts)
            .enumerate()
            .map(|(at, line)| fact(at, line, budget)),
    );
    let groups = message.groups.iter().take(budget.groups);
    body.extend(groups.flat_map(|group| listed(group, budget)));
    let beyond = message.groups.len().saturating_sub(budget.groups);
    if beyond > 0 {
        let more = format!("and {beyond} more products");
        body.push(block("Medium", Run::new(&more).inlines()));
    }
    body.extend(message.disclaimer.as_ref().map(|disclaimer| {
        let disclaimer = text::one_line(&text::shortened(disclaimer, budget.note));
        block(
            "Large",
            Run {
                size: "Small",
                subtle: true,
                ..Run::new(&disclaimer)
            }
            .inlines(),
        )
    }));
    body
}

/// One block a line: whether a line end within a run breaks the line depends on the client.
fn paragraphs(text: &str) -> Vec<Value> {
    let mut spacing = "Medium";
    let mut blocks = Vec::new();
    for line in text.lines() {
        if line.is_empty() {
            spacing = "Medium";
        } else {
            blocks.push(block(spacing, Run::new(line).inlines()));
            spacing = "None";
        }
    }
    blocks
}

fn fact(at: usize, fact: &Fact, budget: Budget) -> Value {
    let value = text::shortened(&fact.value, budget.value);
    let label = format!("{}: ", fact.label);
    let label = Run {
        bold: true,
        ..Run::new(&label)
    }
    .inlines();
    let value = Run {
        href: fact.href.as_deref(),
        ..Run::new(&value)
    }
    .inlines();
    block(
        if at == 0 { "Medium" } else { "None" },
        [label, value].concat(),
    )
}

fn listed(group: &FindingGroup, budget: Budget) -> Vec<Value> {
    let mut blocks = vec![block(
        "Medium",
        Run {
            bold: true,
            ..Run::new(&group.heading())
        }
        .inlines(),
    )];
    blocks.extend(
        group
            .findings
            .iter()
            .take(budget.findings)
            .map(|finding| item(finding, budget)),
    );
    let beyond = group.beyond(budget.findings);
    if beyond > 0 && budget.findings > 0 {
        let more = format!("and {beyond} more");
        blocks.push(block(
            "None",
            Run {
                href: group.more.as_deref(),
                ..Run::new(&more)
            }
            .inlines(),
        ));
    }
    blocks
}

fn item(finding: &FindingLine, budget: Budget) -> Value {
    let severity = finding.severity.as_deref().unwrap_or_default();
    let mark = match text::shortened(severity, budget.value).as_str() {
        "" => "• ".to_owned(),
        severity => format!("• {severity} "),
    };
    let title = text::shortened(&finding.title, budget.value);
    let dates = finding
        .dates
        .as_ref()
        .map(|dates| format!(" ({dates})"))
        .unwrap_or_default();
    let runs = [
        Run {
            color: color(severity),
            bold: true,
            ..Run::new(&mark)
        }
        .inlines(),
        Run {
            href: Some(&finding.href),
            ..Run::new(&title)
        }
        .inlines(),
        Run {
            subtle: true,
            ..Run::new(&dates)
        }
        .inlines(),
    ];
    block("None", runs.concat())
}

fn color(severity: &str) -> &'static str {
    match severity {
        "Critical" | "High" => "Attention",
        "Medium" => "Warning",
        _ => "Default",
    }
}

fn block(spacing: &str, inlines: Vec<Value>) -> Value {
    object([
        ("type", "RichTextBlock".into()),
        ("spacing", spacing.into()),
        ("inlines", inlines.into()),
    ])
}
