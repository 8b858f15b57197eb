//! Why an event reaches whom it reaches, by the rules as they are now.

use axum::extract::State;
use maud::{Markup, html};
use rules::{Answer as Answered, Receiver, Told};

use super::story::Story;
use super::{address, at};
use crate::app::App;
use crate::pages::Answer;
use crate::pages::component::other_complaints;
use crate::pages::form::listed;
use crate::pages::layout::Section;
use crate::pages::outcome::{channel_words, plain};
use crate::pages::visitor::Visitor;
use crate::refusal::{Errors, Refusal};
use crate::rest::explain;
use crate::rest::path::Id;
use crate::rest::query::Query;

/// How many people are told of at once.
const MOST: usize = 100;

pub(super) async fn look(
    State(app): State<App>,
    visitor: Visitor,
    Id(id): Id<String>,
    query: Query,
) -> Answer {
    let caller = &visitor.caller;
    // Whoever may see the story may ask; the explanation is about themselves alone.
    let story = Story::read(&app, caller, &id, &query).await?;
    let event = story.event.as_ref().ok_or(Refusal::NotFound("event"))?;
    let user = caller.superuser.then(|| query.text("user"));
    let named = user.filter(|name| !name.is_empty());
    let answer = explain::answer(&app, caller, event.body.as_bytes(), named, None).await;
    let (status, answer, errors) = listed(answer)?;
    let page = html! {
        h1 { "Why: " (plain(story.heading())) }
        p { a href=(address(&story.source, &story.id)) { "Back to the event's story" } }
        p.soft { "By the rules and memberships as they are now. They may have been others when the event was decided." }
        @if let Some(user) = user { (form(&story, user, &errors)) }
        (other_complaints(&errors, &["user"]))
        @if let Some(answer) = &answer { (answered(answer)) }
    };
    Ok(visitor.answer(status, Section::Deliveries, "Why", &page))
}

fn form(story: &Story, user: &str, errors: &Errors) -> Markup {
    let person = errors.field("user", "Person, told or not", "");
    html! {
        form.card.filters method="get" action=(at("/why", &story.source, &story.id)) {
            input type="hidden" name="source" value=(story.source);
            (person.input("search", user))
            button { "Ask" }
        }
    }
}

fn answered(answer: &Answered) -> Markup {
    html! {
        p { "Events called " code { (answer.event) } " follow the column " code { (answer.column) } " of the rules." }
        @if !answer.notes.is_empty() { ul { @for note in &answer.notes { li { (note) } } } }
        @if answer.receivers.is_empty() && answer.destinations.is_empty() { p.card { "Nobody is asked." } }
        @for receiver in answer.receivers.iter().take(MOST) { (asked(receiver)) }
        @if answer.receivers.len() > MOST {
            p { "And " (answer.receivers.len() - MOST) " more people. Ask for one of them by name." }
        }
        @for place in &answer.destinations {
            section.card {
                h2 { (channel_words(place.channel)) " to " (plain(&place.name)) " " (verdict(place.told)) }
                ul { @for reason in &place.reasons { li { (reason) } } }
            }
        }
    }
}

fn asked(receiver: &Receiver) -> Markup {
    html! {
        section.card {
            h2 {
                (plain(receiver.user.as_deref().unwrap_or("The system")))
                @if receiver.redacted { " " span.state.warn { "without notes and details" } }
            }
            ul { @for reason in &receiver.reasons { li { (reason) } } }
            @if !receiver.channels.is_empty() {
                dl.known { @for told in &receiver.channels { (channel(told)) } }
            }
        }
    }
}

fn channel(told: &Told) -> Markup {
    html! {
        div {
            dt { (channel_words(told.channel)) " " (verdict(told.told)) }
            dd { ul { @for reason in &told.reasons { li { (reason) } } } }
        }
    }
}

fn verdict(told: bool) -> Markup {
    html! { @if told { span.state.good { "told" } } @else { span.state { "not told" } } }
}
