//! What would have reached somebody lately, as a page.

use chrono::{SecondsFormat, TimeDelta, Utc};
use maud::{Markup, html};
use proto_events::Channel;

use super::preview::{Counts, DAYS, MOST, Preview, Told};
use super::scope::Scope;
use crate::pages::component::{moment, quoted};
use crate::pages::outcome::{channel_words, event_words, plain};
use crate::pages::{deliveries, events};

/// The part of the page that shows it.
pub(super) fn shown(preview: &Preview, scope: &Scope, is_superuser: bool) -> Markup {
    let title = match scope {
        Scope::System | Scope::Template => "What would have reached the system",
        Scope::Personal | Scope::Product { .. } => "What would have reached you",
    };
    html! {
        aside.preview.card aria-labelledby="preview" {
            h2 #preview { (title) " in the last " (DAYS) " days" }
            p.soft { "By the rules as they are now, whatever they were then" (about(scope)) "." }
            @if preview.events.is_empty() {
                p { "Nothing. Once something that the rules let through happens, it is counted here." }
            } @else {
                (counts(preview, is_superuser))
            }
            @for sentence in notes(preview, scope) { p.soft { (sentence) } }
            @if let Some(at) = preview.cut_at {
                p.soft { "There was more than can be looked through: only the newest events, " (MOST) " at most, count here, since " (moment(at)) "." }
            }
        }
    }
}

fn about(scope: &Scope) -> &'static str {
    match scope {
        Scope::Product { .. } => "; all of your rules together, for this product",
        Scope::Personal => "; all of your rules together",
        Scope::System | Scope::Template => "; destinations with a filter are not counted",
    }
}

fn counts(preview: &Preview, is_superuser: bool) -> Markup {
    // Only channels through which something came.
    let used = |channel: &Channel| preview.total[*channel as usize] > 0;
    let channels: Vec<Channel> = Channel::ALL.into_iter().filter(used).collect();
    let sum: u32 = preview.total.iter().sum();
    html! {
        div.table { table {
            caption.unseen { "Messages for each event and channel" }
            thead { tr {
                th scope="col" { "Event" }
                @for channel in &channels { th.number scope="col" { (channel_words(*channel)) } }
            } }
            tbody { @for (name, told) in &preview.events { (row(name, told, &channels, is_superuser)) } }
            tfoot { tr { th scope="row" { "Total" } (cells(&preview.total, &channels)) } }
        } }
        p { (sum) @if sum == 1 { " message" } @else { " messages" } " in all." }
    }
}

fn row(name: &str, told: &Told, channels: &[Channel], is_superuser: bool) -> Markup {
    let (source, id, at) = &told.newest;
    let words = plain(event_words(name));
    html! {
        tr {
            th scope="row" {
                a href=(sent(name)) { (words) }
                span.soft.below {
                    "newest: "
                    @if is_superuser { a href=(events::address(source, id)) { (moment(*at)) } } @else { (moment(*at)) }
                }
            }
            (cells(&told.counts, channels))
        }
    }
}

/// What was really sent of events of a name in the same days.
fn sent(name: &str) -> String {
    let since = Utc::now() - TimeDelta::days(DAYS);
    let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!(
        "{}?event_name={}&since={}",
        deliveries::PATH,
        quoted(name),
        quoted(&since)
    )
}

fn cells(counts: &Counts, channels: &[Channel]) -> Markup {
    html! { @for channel in channels { td.number { (counts[*channel as usize]) } } }
}

/// What the numbers do not show.
fn notes(preview: &Preview, scope: &Scope) -> Vec<String> {
    let whose = match scope {
        Scope::System | Scope::Template => "the system has",
        Scope::Personal | Scope::Product { .. } => "you have",
    };
    let nowhere = Channel::ALL.into_iter().filter_map(|channel| {
        let count = preview.nowhere[channel as usize];
        let messages = if count == 1 { "message" } else { "messages" };
        (count > 0).then(|| {
            let channel = channel_words(channel);
            format!(
                "{count} more {messages} would go out by {channel}, but {whose} no address there."
            )
        })
    });
    let unreadable = match preview.unreadable {
        0 => None,
        1 => Some("1 event cannot be read.".to_owned()),
        count => Some(format!("{count} events cannot be read.")),
    };
    nowhere.chain(unreadable).collect()
}
