//! A message as plain text: the alert's description, the mail's text part, Slack's fallback.

use crate::findings::FindingGroup;
use crate::message::Message;
use crate::text;

/// What the text holds besides the sentences.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    /// Findings of each group.
    pub(crate) findings: usize,
    /// Longest title of a finding, in characters.
    pub(crate) title: usize,
    /// Whether addresses are written out.
    pub(crate) addresses: bool,
}

/// The message as paragraphs of plain text.
pub(crate) fn plain(message: &Message, parts: Parts) -> String {
    let note = message
        .note
        .as_ref()
        .map(|note| format!("Note:\n{}", quoted(note)));
    let facts: Vec<String> = message
        .facts
        .iter()
        .map(|fact| format!("{}: {}", fact.label, fact.value))
        .collect();
    let link = message
        .href()
        .filter(|_| parts.addresses)
        .map(|href| format!("Details: {href}"));
    let paragraphs = [Some(message.text.clone()), note, Some(facts.join("\n"))]
        .into_iter()
        .flatten()
        .chain(message.groups.iter().map(|group| listed(group, parts)))
        .chain(link);
    paragraphs
        .filter(|paragraph| !paragraph.is_empty())
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn quoted(note: &str) -> String {
    note.lines()
        .map(|line| format!("> {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn listed(group: &FindingGroup, parts: Parts) -> String {
    let mut lines = vec![group.heading()];
    for finding in group.findings.iter().take(parts.findings) {
        let title = text::shortened(&finding.title, parts.title);
        let severity = match finding.severity.as_deref() {
            Some("") => "Unrated: ".to_owned(),
            Some(severity) => format!("{severity}: "),
            None => String::new(),
        };
        let dates = finding
            .dates
            .as_ref()
            .map(|dates| format!(" ({dates})"))
            .unwrap_or_default();
        let address = if parts.addresses {
            format!("\n  {}", finding.href)
        } else {
            String::new()
        };
        lines.push(format!("- {severity}{title}{dates}{address}"));
    }
    lines.extend(more(group, parts));
    lines.join("\n")
}

/// `and 12 more`, with the address where they can be seen.
fn more(group: &FindingGroup, parts: Parts) -> Option<String> {
    let beyond = group.beyond(parts.findings);
    let address = group
        .more
        .as_ref()
        .filter(|_| parts.addresses)
        .map(|more| format!(": {more}"))
        .unwrap_or_default();
    (beyond > 0).then(|| format!("- and {beyond} more{address}"))
}
