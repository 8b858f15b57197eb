//! What was delivered, and what became of each attempt.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};
use proto_events::Channel;

use super::component::{BY_TIME, moment, other_complaints, pager};
use super::events::address;
use super::form::listed;
use super::labels::Labels;
use super::layout::Section;
use super::outcome::{
    channel_words, channels, event_names, event_words, plain, reasons, standing, states, took, why,
};
use super::visitor::Visitor;
use super::{Answer, alerts};
use crate::app::App;
use crate::refusal::Errors;
use crate::rest::deliveries::{self, Delivery};
use crate::rest::events::RECENT;
use crate::rest::query::{List, Query};

/// Where the page is.
pub(super) const PATH: &str = "/deliveries";

pub(super) fn router() -> Router<App> {
    Router::new().route(PATH, get(look))
}

async fn look(State(app): State<App>, visitor: Visitor, query: Query) -> Answer {
    let query = asked(query);
    let found = deliveries::list(State(app.clone()), visitor.caller.clone(), query.clone());
    let (status, list, errors) = listed(found.await.map(|Json(list)| list))?;
    let labels = match &list {
        Some(list) => Labels::of(&app, &visitor.caller, &list.results).await?,
        None => Labels::default(),
    };
    let form = form(&query, visitor.caller.superuser, &errors);
    let page = page(&form, list.as_ref(), &labels);
    Ok(visitor.answer(status, Section::Deliveries, "Deliveries", &page))
}

/// Each job once, and the time that is looked at where the query does not name what it looks for:
/// the form shows it, and further pages are of the same.
fn asked(query: Query) -> Query {
    let query = query.or("last", "true");
    if query.text("event").is_empty() && query.text("job").is_empty() {
        let until: DateTime<Utc> = query.get("until").ok().flatten().unwrap_or_else(Utc::now);
        let since = until - RECENT;
        return query.or("since", &since.to_rfc3339_opts(SecondsFormat::Secs, true));
    }
    query
}

/// Fields that every form has.
const ALWAYS: [&str; 7] = [
    "event",
    "event_name",
    "channel",
    "state",
    "reason",
    "since",
    "until",
];

/// Fields for what only links ask for, and what they are called.
const BY_LINK: [(&str, &str); 4] = [
    ("job", "Job"),
    ("event_source", "Event's source"),
    ("destination", "Destination's id"),
    ("recipient", "User's id"),
];

fn form(query: &Query, is_superuser: bool, errors: &Errors) -> Markup {
    let field = |name, label| errors.field(name, label, "");
    let any = [("", "any")];
    let by_link = BY_LINK.into_iter();
    let by_link = by_link.filter(|(name, _)| !query.text(name).is_empty());
    let mut shown = ALWAYS.to_vec();
    shown.extend(by_link.clone().map(|(name, _)| name));
    if is_superuser {
        shown.push("username");
    }
    html! {
        form.card.filters method="get" action=(PATH) aria-label="Search" {
            (field("event", "Event's id").input("search", query.text("event")))
            (field("event_name", "Event's name").suggested(event_names(), query.text("event_name")))
            @if is_superuser {
                (field("username", "Person").input("search", query.text("username")))
            }
            (field("channel", "Channel").choice(any.into_iter().chain(channels()), query.text("channel")))
            (field("state", "Outcome").choice(any.into_iter().chain(states()), query.text("state")))
            (field("reason", "Why not").choice(any.into_iter().chain(reasons()), query.text("reason")))
            (field("since", "From (UTC)").instant(query.text("since")))
            (field("until", "Until (UTC)").instant(query.text("until")))
            // What a link asked for stays asked for.
            @for (name, label) in by_link { (field(name, label).input("search", query.text(name))) }
            div.row { button { "Search" } " " a href=(PATH) { "Start anew" } }
        }
        (other_complaints(errors, &shown))
    }
}

fn page(form: &Markup, list: Option<&List<Delivery>>, labels: &Labels) -> Markup {
    html! {
        h1 { "Deliveries" @if let Some(list) = list { " " span.soft { "(" (list.count) ")" } } }
        p.soft {
            "What was sent by mail, Slack, Teams and webhooks. In-app alerts arrive as they are written: they are in "
            a href=(alerts::PATH) { "Alerts" } ", and in their event's story."
        }
        (form)
        @if let Some(list) = list {
            @if list.results.is_empty() {
                div.card.empty { p {
                    "Nothing was sent that fits. Messages appear here as soon as the first attempt begins; \
                     perhaps look further back, or leave out a filter."
                } }
            } @else {
                (table(&list.results, labels))
                (pager(list, BY_TIME))
            }
        }
    }
}

fn table(deliveries: &[Delivery], labels: &Labels) -> Markup {
    html! {
        div.table { table.log {
            caption.unseen { "Deliveries, the newest first" }
            thead { tr {
                @for title in ["When", "Event", "To", "Channel", "Outcome"] { th scope="col" { (title) } }
                th.number scope="col" { "Attempt" }
                th.number scope="col" { "Took" }
            } }
            tbody { @for delivery in deliveries { (row(delivery, labels)) } }
        } }
    }
}

fn row(delivery: &Delivery, labels: &Labels) -> Markup {
    let story = address(&delivery.event_source, &delivery.event_id);
    let title = labels.title(&delivery.event_source, &delivery.event_id);
    let name = plain(event_words(&delivery.event_name));
    html! {
        tr {
            td { (moment(delivery.started_at)) }
            th scope="row" {
                a href=(story) { (title.unwrap_or(&name)) }
                @if title.is_some() { span.soft.below { (name) } }
            }
            td { (to(delivery.channel, delivery.recipient, delivery.destination, labels)) }
            td.word { (channel_words(delivery.channel)) }
            td.outcome {
                (standing(delivery.state))
                @if let Some(reason) = delivery.reason { span.below { (why(reason)) } }
                @if let Some(detail) = &delivery.detail { span.soft.below { (plain(detail)) } }
            }
            td.number { (delivery.attempt) }
            td.number { (took(delivery.started_at, delivery.finished_at)) }
        }
    }
}

/// To whom, and for what has a name where.
pub(super) fn to(
    channel: Channel,
    recipient: Option<i64>,
    destination: Option<i64>,
    labels: &Labels,
) -> Markup {
    let place = destination.and_then(|id| labels.place(id));
    html! {
        @match recipient {
            Some(id) => (labels.person(id)),
            None if place.is_none() && channel == Channel::Alert => "people's alert lists",
            None if place.is_none() => "the system",
            None => {}
        }
        @if let Some(place) = place {
            @if recipient.is_some() { span.soft.below { (place) } } @else { (place) }
        }
    }
}
