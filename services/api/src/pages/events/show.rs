//! What an event was, and what was decided of it.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use proto_events::Channel;
use serde_json::Value;
use store::browse::ListedEvent;

use super::story::Story;
use super::{address, at, jobs, letters, timeline};
use crate::pages::component::moment;
use crate::pages::outcome::{channel_words, duration, event_words, plain};

/// How many names of one channel are told of at once; the rest is behind a further click.
const NAMES: usize = 30;

/// Bytes of the longest body that is shown.
const LONGEST: usize = 256 * 1024;

/// The whole story.
pub(super) fn page(story: &Story) -> Markup {
    html! {
        h1 { (plain(story.heading())) }
        (head(story))
        @if let Some(event) = story.event.as_ref().filter(|_| story.is_whole) { (decision(event)) }
        (timeline::picture(story))
        (jobs::section(story))
        (jobs::waiting(story))
        (jobs::alerts(story))
        @if story.is_whole { (letters::section(story)) }
        @if let Some(event) = story.event.as_ref().filter(|_| story.is_whole) { (body(event)) }
    }
}

fn head(story: &Story) -> Markup {
    let again = address(&story.source, &story.id);
    html! {
        dl.known {
            @if !story.name.is_empty() {
                div { dt { "What" } dd { (plain(event_words(&story.name))) " " code { (plain(&story.name)) } } }
            }
            div { dt { "Event" } dd { code { (plain(&story.id)) } " of " code { (plain(&story.source)) } } }
            @if let Some(at) = story.published { div { dt { "Happened" } dd { (moment(at)) } } }
            @if let Some(event) = &story.event {
                div { dt { "Received" } dd { (moment(event.received_at)) (after(story.published, event.received_at)) } }
                div { dt { "Decided" } dd { (moment(event.decided_at)) (after(Some(event.received_at), event.decided_at)) } }
            }
        }
        @if story.event.is_none() {
            p.card { "The event itself is not known: it was never decided, or is forgotten by now. This is what is left of it." }
        }
        @for source in &story.others {
            p { "Another source used the same id: " a href=(address(source, &story.id)) { (plain(source)) } }
        }
        p.row {
            a.button.quiet href=(again) { "Look again" }
            @if story.event.is_some() {
                a.button.quiet href=(at("/why", &story.source, &story.id)) {
                    @if story.is_whole { "Why does it reach whom it reaches?" } @else { "Why does it reach me?" }
                }
            }
        }
    }
}

/// How much later than another moment something was.
fn after(before: Option<DateTime<Utc>>, at: DateTime<Utc>) -> Markup {
    let later = before.map(|before| at - before);
    html! {
        @if let Some(later) = later.filter(|later| later.num_milliseconds() >= 0) {
            span.soft { " " (duration(later)) " later" }
        }
    }
}

fn decision(event: &ListedEvent) -> Markup {
    let told: Vec<(&str, Vec<Option<&str>>)> = Channel::ALL
        .iter()
        .filter_map(|channel| {
            let names = event.decisions[channel.as_str()].as_array()?;
            Some((
                channel_words(*channel),
                names.iter().map(Value::as_str).collect(),
            ))
        })
        .collect();
    html! {
        section aria-labelledby="decision" {
            h2 #decision { "Decision" }
            @if told.is_empty() {
                p.card { "Nobody is told of it." }
            } @else {
                div.table { table.log {
                    thead { tr { th scope="col" { "Channel" } th scope="col" { "Who" } } }
                    tbody { @for (channel, names) in &told {
                        tr { th scope="row" { (channel) " " span.soft { "(" (names.len()) ")" } } td { (people(names)) } }
                    } }
                } }
            }
            (notes(event))
            p.soft {
                @match event.jobs { 1 => "1 job was made", jobs => { (jobs) " jobs were made" } }
                ", with version " (event.directory_version) " of the directory."
                @if event.directory_behind {
                    " The directory did not know yet what the event is about: it was decided with what the event says itself."
                }
            }
        }
    }
}

fn people(names: &[Option<&str>]) -> Markup {
    let listed = |names: &[Option<&str>]| {
        let names = names.iter().map(|name| plain(name.unwrap_or("the system")));
        names.collect::<Vec<_>>().join(", ")
    };
    let (first, rest) = names.split_at(names.len().min(NAMES));
    html! {
        (listed(first))
        @if !rest.is_empty() { details { summary { "and " (rest.len()) " more" } (listed(rest)) } }
    }
}

/// What a decision notes of those who are not told, or are told later or less.
fn notes(event: &ListedEvent) -> Markup {
    let notes = event.notes.as_object().into_iter().flatten();
    let notes: Vec<(&str, String)> = notes
        .filter(|(name, _)| *name != "unknown_recipients")
        .map(|(name, value)| (note_words(name), listed(value)))
        .collect();
    html! {
        @if !notes.is_empty() || !event.unknown_recipients.is_empty() {
            ul.notes {
                @if !event.unknown_recipients.is_empty() {
                    li { span.state.warn { "Nobody is called" } " " (plain(&event.unknown_recipients.join(", "))) }
                }
                @for (words, list) in notes { li { (words) ": " (list) } }
            }
        }
    }
}

fn note_words(name: &str) -> &str {
    match name {
        "inactive_recipients" => "Named by the event, but inactive",
        "recipients_without_access" => "Named by the event, but may not see its object",
        "redacted" => "Told without notes and details of findings, for want of access",
        "told_by_filter" => "Destinations that are told because of their filters",
        "no_destination" => "A rule names the channel, but there is nowhere to send it",
        "endpoint_inactive" => "Destinations that a person switched off",
        "held_until" => "Destinations that are told later",
        other => other,
    }
}

/// A note's value in words: lists with commas, and what has names with its names.
fn listed(value: &Value) -> String {
    match value {
        Value::Null => "the system".to_owned(),
        Value::String(text) => plain(text),
        Value::Array(values) => values.iter().map(listed).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| format!("{}: {}", plain(name), listed(value)));
            members.collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

fn body(event: &ListedEvent) -> Markup {
    html! {
        section aria-labelledby="body" {
            h2 #body { "Body" }
            details { summary { "The event in lines (" (event.body.len()) " bytes)" } pre { (pretty(&event.body)) } }
        }
    }
}

/// A text of somebody else's, in lines if it is JSON, and cut if it is long.
pub(in crate::pages) fn pretty(text: &str) -> String {
    let json =
        serde_json::from_str::<Value>(text).and_then(|json| serde_json::to_string_pretty(&json));
    let text = json.unwrap_or_else(|_| text.to_owned());
    let cut = &text[..text.floor_char_boundary(LONGEST)];
    let end = if cut.len() < text.len() {
        "\n… (cut here)"
    } else {
        ""
    };
    plain(cut) + end
}
