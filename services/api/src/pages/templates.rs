//! Templates: what is said of each event, to be changed, looked at with a real event, tried, and
//! given back.
//!
//! | module | what it is for |
//! |---|---|
//! | `editor` | one template |
//! | `chosen` | what a message is looked at with: a channel and an event |
//! | `preview` | how it reads, in a frame of its own |

mod chosen;
mod editor;
mod preview;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use maud::{Markup, html};
use messages::Templates;
use messages::templates::FALLBACK;
use proto_events::{Channel, Column};

use super::Answer;
use super::component::{moment, quoted};
use super::layout::Section;
use super::outcome::{channel_words, event_names};
use super::visitor::Visitor;
use crate::access::Superuser;
use crate::app::App;
use crate::refusal::Errors;
use crate::rest::templates::{self, Template};
use delivery::templates::Origin;

/// Where the page is.
pub(super) const PATH: &str = "/templates";

/// Where one is changed.
const EDIT: &str = "/templates/edit";

/// Where the built-in one is given back.
const RESTORE: &str = "/templates/restore";

/// Where a message is shown.
const PREVIEW: &str = "/templates/preview";

/// The name under which a form says for which event a template is written.
const FOR: &str = "for";

/// Where a message is sent to oneself.
const TEST: &str = "/templates/test";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(look))
        .route(EDIT, get(editor::look).post(editor::save))
        .route(RESTORE, post(editor::restore))
        .route(PREVIEW, get(preview::in_force).post(preview::written))
        .route(TEST, post(preview::test))
}

/// The page of a template.
fn address(file: &str) -> String {
    format!("{EDIT}?file={}", quoted(file))
}

/// What a template is for, in words.
fn subject(file: &str) -> String {
    let Some(event) = Templates::event_of(file) else {
        return "The looks of mails".to_owned();
    };
    let event = match event.as_str() {
        FALLBACK => "All other events".to_owned(),
        // The one that is no event's, but of many.
        "digest" => "Digests of several events".to_owned(),
        name => words(name),
    };
    match Templates::only_for(file) {
        Some(channel) => format!("{event}, in {}", channel_words(channel)),
        None => event,
    }
}

/// An event's name as people read it; of those without a rule column the name itself.
fn words(name: &str) -> String {
    if let Ok(column) = name.parse::<Column>() {
        return column.label().to_owned();
    }
    let mut letters = name.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + &letters.as_str().replace('_', " ")
}

async fn look(State(app): State<App>, visitor: Visitor) -> Answer {
    Superuser::of(&visitor.caller)?;
    let all = templates::all(&app).await?;
    Ok(visitor.page(Section::Templates, "Templates", &page(&all)))
}

fn page(all: &[Template]) -> Markup {
    let own =
        |template: &&Template| template.origin != Origin::BuiltIn || template.problem.is_some();
    let changed: Vec<&Template> = all.iter().filter(own).collect();
    let built_in: Vec<&Template> = all.iter().filter(|template| !own(template)).collect();
    html! {
        h1 { "Templates" }
        p.soft { "What is said of each event. The nearest counts: that of channel and event, then that of the event, then that of all other events. A change is in force within seconds." }
        (new())
        h2 { "Yours " span.soft { "(" (changed.len()) ")" } }
        @if changed.is_empty() {
            div.card.empty { p { "Every event is told with built-in words. What you change stands here, and can be given back." } }
        } @else { (table(&changed)) }
        h2 { "Built in " span.soft { "(" (built_in.len()) ")" } }
        (table(&built_in))
    }
}

fn table(templates: &[&Template]) -> Markup {
    html! {
        div.table { table {
            thead { tr { th scope="col" { "What it is for" } th scope="col" { "File" } th scope="col" { "Whose words" } } }
            tbody { @for template in templates { tr {
                td { a href=(address(&template.file)) { (subject(&template.file)) } }
                td { code { (template.file) } }
                td { (standing(template)) }
            } } }
        } }
    }
}

/// Whose words are in force.
fn standing(template: &Template) -> Markup {
    html! {
        @match template.origin {
            Origin::BuiltIn => span.state { "built in" },
            Origin::Stored => span.state.good { "yours" },
            Origin::File => { span.state.warn { "file" } " of " code { "DD_TEMPLATE_DIR" } },
        }
        @if let (Some(by), Some(at)) = (&template.updated_by, template.updated_at) {
            " written by " (by) ", " (moment(at))
            @if template.origin == Origin::File { "; not in force while the file is there" }
        }
        @if let Some(problem) = &template.problem { p.error { "Not in force: " (problem) } }
    }
}

/// Another template: for one channel, or for an event that has none.
fn new() -> Markup {
    let errors = Errors::default();
    let event = errors.field(FOR, "Words for the event", "").required();
    let every = [("", "every channel")].into_iter();
    let named = |channel: Channel| (channel.as_str(), channel_words(channel));
    let channels = every.chain(Channel::ALL.map(named));
    html! {
        form.card.filters method="get" action=(EDIT) aria-label="Write a template" {
            (event.suggested(event_names(), ""))
            (errors.field("channel", "in", "").choice(channels, ""))
            button { "Write" }
        }
    }
}
