//! The mail: subject, text part, HTML part.

use serde::Serialize;

use crate::findings::FindingGroup;
use crate::layout::plain::{Parts, plain};
use crate::message::{Fact, Message};
use crate::templates::{MessageError, Templates};
use crate::text;

/// A mail without its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// One line: `<team name> notification: <title>`.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// Lists as long as the longest that a job carries.
const PARTS: Parts = Parts {
    findings: proto_events::trim::FINDINGS,
    title: text::TITLE_CHARS,
    addresses: true,
};

/// Longest text of a mail's sentences or its note, in characters: what is longer is
/// read in DefectDojo.
const TEXT_CHARS: usize = 20_000;

/// The message as a mail.
///
/// # Errors
/// [`MessageError`] if an operator's layout is broken; the built-in one is not.
pub fn mail(templates: &Templates, message: &Message) -> Result<Mail, MessageError> {
    let message = &Message {
        text: text::shortened(&message.text, TEXT_CHARS),
        note: message
            .note
            .as_ref()
            .map(|note| text::shortened(note, TEXT_CHARS)),
        ..message.clone()
    };
    Ok(Mail {
        subject: subject(message),
        text: text_part(message),
        html: templates.mail(Values::of(message))?,
    })
}

fn subject(message: &Message) -> String {
    let team = message
        .team
        .as_ref()
        .map(|team| format!("{team} "))
        .unwrap_or_default();
    format!("{team}notification: {}", message.title)
}

fn text_part(message: &Message) -> String {
    let body = plain(message, PARTS);
    let disclaimer = message
        .disclaimer
        .as_ref()
        .map(|text| format!("\n\n{text}"))
        .unwrap_or_default();
    // "-- " is what mail programs know as the end of the text (RFC 3676, section 4.3).
    format!(
        "{}\n\n{body}\n\n-- \n{}\n{}{disclaimer}\n",
        message.title, message.reason, message.preferences
    )
}

/// The names of what the layout `mail.html` is given.
pub(crate) const NAMES: [&str; 11] = [
    "category",
    "disclaimer",
    "facts",
    "groups",
    "href",
    "note",
    "paragraphs",
    "preferences",
    "reason",
    "team",
    "title",
];

/// What the layout `mail.html` is given.
#[derive(Serialize)]
struct Values<'a> {
    title: &'a str,
    category: &'a str,
    team: Option<&'a str>,
    /// Paragraphs of lines.
    paragraphs: Vec<Vec<&'a str>>,
    note: Option<Vec<&'a str>>,
    facts: Vec<FactValues<'a>>,
    groups: Vec<GroupValues<'a>>,
    href: Option<&'a str>,
    reason: &'a str,
    preferences: &'a str,
    disclaimer: Option<Vec<&'a str>>,
}

#[derive(Serialize)]
struct FactValues<'a> {
    label: &'a str,
    value: &'a str,
    href: Option<&'a str>,
}

#[derive(Serialize)]
struct GroupValues<'a> {
    heading: String,
    findings: Vec<FindingValues<'a>>,
    beyond: u64,
    more: Option<&'a str>,
}

#[derive(Serialize)]
struct FindingValues<'a> {
    severity: Option<&'a str>,
    title: &'a str,
    href: &'a str,
    dates: Option<&'a str>,
}

impl<'a> Values<'a> {
    fn of(message: &'a Message) -> Self {
        Self {
            title: &message.title,
            category: &message.category,
            team: message.team.as_deref(),
            paragraphs: message
                .text
                .split("\n\n")
                .map(|paragraph| paragraph.lines().collect())
                .collect(),
            note: message.note.as_ref().map(|note| note.lines().collect()),
            facts: message.facts.iter().map(FactValues::of).collect(),
            groups: message.groups.iter().map(GroupValues::of).collect(),
            href: message.href(),
            reason: message.reason,
            preferences: &message.preferences,
            disclaimer: message
                .disclaimer
                .as_ref()
                .map(|text| text.lines().collect()),
        }
    }
}

impl<'a> FactValues<'a> {
    fn of(fact: &'a Fact) -> Self {
        Self {
            label: fact.label,
            value: &fact.value,
            href: fact.href.as_deref(),
        }
    }
}

impl<'a> GroupValues<'a> {
    fn of(group: &'a FindingGroup) -> Self {
        let findings = group.findings.iter().map(|finding| FindingValues {
            severity: finding.severity.as_deref(),
            title: &finding.title,
            href: &finding.href,
            dates: finding.dates.as_deref(),
        });
        Self {
            heading: group.heading(),
            findings: findings.collect(),
            beyond: group.beyond(PARTS.findings),
            more: group.more.as_deref(),
        }
    }
}
