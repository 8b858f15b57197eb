//! Looking for dead letters.

use axum::extract::State;
use axum::http::StatusCode;
use maud::{Markup, html};

use super::{CHOSEN, PATH, address, state};
use crate::access::Superuser;
use crate::app::App;
use crate::pages::component::{Field, complaints, moment, pager};
use crate::pages::layout::Section;
use crate::pages::outcome::{reasons, services, why};
use crate::pages::visitor::Visitor;
use crate::pages::{Answer, events};
use crate::refusal::{Errors, Refusal};
use crate::rest::dead_letters::{self, Letter};
use crate::rest::query::{List, Query};

/// What is looked at unless somebody asks for more: what waits.
const WAITING: &str = "false";

pub(super) async fn look(State(app): State<App>, visitor: Visitor, query: Query) -> Answer {
    let superuser = Superuser::of(&visitor.caller)?;
    let query = query.or("resolved", WAITING);
    let asked = with_both(query.clone());
    let (status, list, errors) = match dead_letters::list(State(app), superuser, asked).await {
        Ok(list) => (StatusCode::OK, Some(list.0), Errors::default()),
        Err(Refusal::Fields(errors)) => (StatusCode::BAD_REQUEST, None, errors),
        Err(refusal) => return Err(refusal.into()),
    };
    let page = page(&query, list.as_ref(), &errors);
    let mut response = visitor.page(Section::DeadLetters, "Dead letters", &page);
    *response.status_mut() = status;
    Ok(response)
}

/// A browser leaves no field of a form away, so that both kinds need a word of their own.
fn with_both(query: Query) -> Query {
    if query.text("resolved") == "any" {
        query.without("resolved")
    } else {
        query
    }
}

fn page(query: &Query, list: Option<&List<Letter>>, errors: &Errors) -> Markup {
    html! {
        h1 { "Dead letters" @if let Some(list) = list { " " span.soft { "(" (list.count) ")" } } }
        p.soft { "What was given up, kept whole. Mend what was wrong, then send it again; or discard it." }
        (form(query, errors))
        @if let Some(list) = list {
            @if list.results.is_empty() {
                div.card.empty { p {
                    "Nothing that fits. What a service gives up appears here: because a receiver refuses it, or is gone, \
                     or did not answer until its time was over."
                } }
            } @else {
                form method="post" action=(CHOSEN) {
                    input type="hidden" name="back" value=(query.here(PATH));
                    div.row.chosen {
                        label { input type="checkbox" data-all="ids" hidden; " All on this page" }
                        button.quiet name="do" value="look" { "What would sending these do?" }
                        (sure("replay", "Send again", "Send those that you chose again? What has arrived meanwhile is left alone."))
                        (sure("discard", "Discard", "Are those that you chose not needed any more? They stay in the list of those that were dealt with."))
                    }
                    (table(&list.results))
                }
                (pager(list))
            }
        }
    }
}

/// A button of a form around it that asks first.
fn sure(what: &str, label: &str, question: &str) -> Markup {
    let id = format!("chosen-{what}");
    html! {
        button type="button" popovertarget=(id) { (label) }
        div.question id=(id) popover role="dialog" aria-label=(label) {
            p { (question) }
            button name="do" value=(what) { (label) }
            button.quiet type="button" popovertarget=(id) popovertargetaction="hide" { "Keep" }
        }
    }
}

fn form(query: &Query, errors: &Errors) -> Markup {
    let field = |name, label| Field {
        name,
        label,
        help: "",
        errors,
    };
    let any = [("", "any")];
    let kinds = [
        (WAITING, "wait"),
        ("true", "were dealt with"),
        ("any", "both"),
    ];
    html! {
        form.card.filters method="get" action=(PATH) aria-label="Search" {
            (field("resolved", "Those that").choice(kinds, query.text("resolved")))
            (field("service", "Service").choice(any.into_iter().chain(services()), query.text("service")))
            (field("reason", "Why").choice(any.into_iter().chain(reasons()), query.text("reason")))
            (field("event", "Event's id").input("search", query.text("event")))
            @if !query.text("job").is_empty() { (field("job", "Job").input("search", query.text("job"))) }
            (field("since", "From (UTC)").instant(query.text("since")))
            (field("until", "Until (UTC)").instant(query.text("until")))
            div.row { button { "Search" } " " a href=(PATH) { "Start anew" } }
        }
        (complaints(errors))
        @for name in ["limit", "offset"] {
            @for error in errors.of(name) { p.error role="alert" { (name) ": " (error) } }
        }
    }
}

fn table(letters: &[Letter]) -> Markup {
    html! {
        div.table { table.log {
            caption.hidden { "Dead letters, the newest first" }
            thead { tr {
                th scope="col" { span.hidden { "Choose" } }
                @for title in ["Filed", "Why", "Service", "Event", "State"] { th scope="col" { (title) } }
            } }
            tbody { @for letter in letters { (row(letter)) } }
        } }
    }
}

fn row(letter: &Letter) -> Markup {
    html! {
        tr {
            td { input type="checkbox" name="ids" value=(letter.id) aria-label={ "Choose: " (why(letter.reason)) ", " (letter.filed_at.format("%Y-%m-%d %H:%M")) }; }
            td { (moment(letter.filed_at)) }
            th scope="row" {
                a href=(address(letter.id)) { (why(letter.reason)) }
                span.soft.below { (letter.detail) }
            }
            td.word { (letter.service) }
            td { (event(letter)) }
            td { (state(letter)) @if let Some(at) = letter.resolved_at { span.soft.below { (moment(at)) } } }
        }
    }
}

/// The event that a letter is of, as a link to its story.
pub(super) fn event(letter: &Letter) -> Markup {
    html! {
        @match (&letter.event_source, &letter.event_id) {
            (Some(source), Some(id)) => a href=(events::address(source, id)) { code { (id) } },
            _ => span.soft { "not known" },
        }
    }
}
