//! The Slack message: a header, then rich text.
//!
//! Rich text is structure, not markup: nothing in it is read as bold, link, emoji or
//! mention, so the event's texts need no escaping there. Header, disclaimer and
//! fallback text are escaped (Slack, "Formatting text for app surfaces").

use serde_json::{Value, json};

use crate::findings::{FindingGroup, FindingLine};
use crate::layout::budget::{Budget, fitting};
use crate::layout::object;
use crate::layout::plain::{Parts, plain};
use crate::message::{Fact, Message};
use crate::text;

/// Longest header, in characters as sent.
const HEADER_CHARS: usize = 150;

/// All blocks together, in characters of JSON; Slack refuses messages from about
/// 13,200 on with `msg_blocks_too_long`.
const BLOCKS_CHARS: usize = 12_500;

/// Longest context element, in characters as sent (Slack: a text object has at most 3,000).
const CONTEXT_CHARS: usize = 3000;

/// Longest fallback text, in characters as sent (Slack recommends at most 4,000).
const FALLBACK_CHARS: usize = 4000;

/// Shown in notifications, and where blocks are refused.
const FALLBACK: Parts = Parts {
    findings: 5,
    title: 150,
    addresses: true,
};

/// The message as the arguments `text`, `blocks` … of `chat.postMessage`; the sender
/// adds where it goes.
#[must_use]
pub fn slack(message: &Message) -> Value {
    let blocks = fitting(
        |budget| blocks(message, budget),
        |blocks| blocks.to_string().chars().nth(BLOCKS_CHARS).is_none(),
    );
    let disclaimer = message
        .disclaimer
        .as_ref()
        .map(|text| format!("\n\n{text}"))
        .unwrap_or_default();
    let fallback = format!(
        "{}\n\n{}{disclaimer}",
        message.title,
        plain(message, FALLBACK)
    );
    object([
        ("text", escaped(&fallback, FALLBACK_CHARS).into()),
        ("blocks", blocks),
        ("mrkdwn", false.into()),
        ("unfurl_links", false.into()),
        ("unfurl_media", false.into()),
    ])
}

fn blocks(message: &Message, budget: Budget) -> Value {
    let header = json!({ "type": "header", "text": plain_text(&message.title, HEADER_CHARS) });
    let body = holding("rich_text", body(message, budget));
    let disclaimer = message.disclaimer.as_ref().map(|disclaimer| {
        let limit = budget.note.min(CONTEXT_CHARS);
        holding("context", vec![plain_text(disclaimer, limit)])
    });
    [header, body].into_iter().chain(disclaimer).collect()
}

fn body(message: &Message, budget: Budget) -> Vec<Value> {
    let mut elements = Vec::new();
    let escaped_title = escaped(&message.title, usize::MAX);
    if escaped_title.chars().nth(HEADER_CHARS).is_some() {
        // The header shows only its beginning.
        elements.push(section(words(
            &text::shortened(&message.title, budget.text),
            None,
        )));
        elements.push(section(words("\n", None)));
    }
    elements.push(section(words(
        &text::shortened(&message.text, budget.text),
        None,
    )));
    elements.extend(message.note.as_ref().map(|note| {
        let note = words(&text::shortened(note, budget.note), None);
        holding("rich_text_quote", note)
    }));
    let facts: Vec<Value> = message
        .facts
        .iter()
        .take(budget.facts)
        .flat_map(|line| fact(line, budget))
        .collect();
    if !facts.is_empty() {
        elements.push(section(facts));
    }
    for group in message.groups.iter().take(budget.groups) {
        elements.push(section(vec![bold(&format!("\n{}", group.heading()))]));
        elements.extend(list(group, budget));
    }
    let beyond = message.groups.len().saturating_sub(budget.groups);
    if beyond > 0 {
        elements.push(section(words(
            &format!("\nand {beyond} more products"),
            None,
        )));
    }
    let details =
        |href| section([words("\n", None), words("See the details", Some(href))].concat());
    elements.extend(message.href().map(details));
    elements
}

fn fact(fact: &Fact, budget: Budget) -> Vec<Value> {
    let value = words(
        &text::shortened(&fact.value, budget.value),
        fact.href.as_deref(),
    );
    [vec![bold(&format!("\n{}: ", fact.label))], value].concat()
}

fn list(group: &FindingGroup, budget: Budget) -> Option<Value> {
    let mut items: Vec<Value> = group
        .findings
        .iter()
        .take(budget.findings)
        .map(|finding| item(finding, budget))
        .collect();
    let beyond = group.beyond(budget.findings);
    if beyond > 0 && !items.is_empty() {
        items.push(section(words(
            &format!("and {beyond} more"),
            group.more.as_deref(),
        )));
    }
    (!items.is_empty()).then(|| {
        object([
            ("type", "rich_text_list".into()),
            ("style", "bullet".into()),
            ("elements", items.into()),
        ])
    })
}

fn item(finding: &FindingLine, budget: Budget) -> Value {
    let title = words(
        &text::shortened(&finding.title, budget.value),
        Some(&finding.href),
    );
    let severity = finding.severity.as_ref().map(|severity| {
        let severity = text::shortened(severity, budget.value);
        words(&format!("{severity} "), None)
    });
    let dates = finding
        .dates
        .as_ref()
        .map(|dates| words(&format!(" ({dates})"), None));
    section(
        [
            severity.unwrap_or_default(),
            title,
            dates.unwrap_or_default(),
        ]
        .concat(),
    )
}

fn section(elements: Vec<Value>) -> Value {
    holding("rich_text_section", elements)
}

/// A block or part of one that holds others.
fn holding(kind: &str, elements: Vec<Value>) -> Value {
    object([("type", kind.into()), ("elements", elements.into())])
}

/// Text of our own in bold.
fn bold(text: &str) -> Value {
    json!({ "type": "text", "text": text, "style": { "bold": true } })
}

/// The text as it is, linked or not. A `<` and the `!`, `@` or `#` after it never share
/// an element: even a client that reads the text as markup finds no mention in it.
fn words(text: &str, href: Option<&str>) -> Vec<Value> {
    let element = |piece: &str| match href {
        Some(href) => json!({ "type": "link", "url": href, "text": piece }),
        None => json!({ "type": "text", "text": piece }),
    };
    let mention = |before, after| before == '<' && matches!(after, '!' | '@' | '#');
    text::pieces(text, mention)
        .into_iter()
        .filter(|piece| !piece.is_empty())
        .map(element)
        .collect()
}

fn plain_text(text: &str, limit: usize) -> Value {
    json!({ "type": "plain_text", "text": escaped(text, limit), "emoji": false })
}

/// The text with Slack's three control characters escaped, within `limit` characters as sent.
fn escaped(text: &str, limit: usize) -> String {
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let mut kept = limit.min(text.chars().count());
    loop {
        let sent = escape(&text::shortened(text, kept));
        let excess = sent.chars().count().saturating_sub(limit);
        if excess == 0 {
            return sent;
        }
        // An escape is at most five characters long.
        kept = kept.saturating_sub(excess.div_ceil(5).max(1));
    }
}
