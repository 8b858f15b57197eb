//! A letter with what is in it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use uuid::Uuid;

use super::{PATH, actions, address, list, state};
use crate::access::Superuser;
use crate::app::App;
use crate::pages::component::{moment, quoted};
use crate::pages::events::pretty;
use crate::pages::layout::Section;
use crate::pages::outcome::{plain, why};
use crate::pages::visitor::Visitor;
use crate::pages::{Answer, deliveries};
use crate::refusal::Refusal;
use crate::rest::dead_letters::{self, Whole};
use crate::rest::path::Id;

pub(super) async fn look(State(app): State<App>, visitor: Visitor, Id(id): Id<Uuid>) -> Answer {
    let whole = read(&app, &visitor, id).await?;
    Ok(shown(&visitor, &whole, &[]))
}

/// The page of a letter with which something could not be done.
pub(super) async fn refused(
    app: &App,
    visitor: &Visitor,
    id: Uuid,
    status: StatusCode,
    complaints: &[String],
) -> Answer {
    let whole = read(app, visitor, id).await?;
    Ok((status, shown(visitor, &whole, complaints)).into_response())
}

async fn read(app: &App, visitor: &Visitor, id: Uuid) -> Result<Whole, Refusal> {
    let superuser = Superuser::of(&visitor.caller)?;
    let whole = dead_letters::read(State(app.clone()), superuser, Id(id)).await?;
    Ok(whole.0)
}

fn shown(visitor: &Visitor, whole: &Whole, complaints: &[String]) -> Response {
    visitor.page(
        Section::DeadLetters,
        "Dead letter",
        &page(whole, complaints),
    )
}

fn page(whole: &Whole, complaints: &[String]) -> Markup {
    let letter = &whole.letter;
    let job = letter.job.as_deref();
    html! {
        p { a href=(PATH) { "All dead letters" } }
        h1 { "Dead letter: " (why(letter.reason)) " " (state(letter)) }
        @for complaint in complaints { p.error role="alert" { (complaint) } }
        dl.known {
            div { dt { "Given up by" } dd { (letter.service) } }
            div { dt { "Why" } dd { (why(letter.reason)) " " code { (letter.reason) } } }
            div { dt { "What was seen" } dd { (plain(&letter.detail)) } }
            div { dt { "Filed" } dd { (moment(letter.filed_at)) } }
            @if let Some(at) = letter.resolved_at { div { dt { "Dealt with" } dd { (moment(at)) } } }
            div { dt { "Event" } dd { (list::event(letter)) } }
            @if let Some(job) = job {
                div { dt { "Job" } dd { a href={ (deliveries::PATH) "?job=" (quoted(job)) } { code { (plain(job)) } } } }
            }
            div { dt { "Letter" } dd { code { (letter.id) } } }
        }
        (actions(letter, &address(letter.id)))
        section aria-labelledby="body" {
            h2 #body { "Body " span.soft { "(" (letter.body_bytes) " bytes)" } }
            @match whole.body.as_deref() {
                Some("") => p.card { "It is empty." },
                Some(body) => pre { (pretty(body)) },
                None => p.card { "Somebody deals with this letter just now. " a href=(address(letter.id)) { "Look again" } },
            }
        }
        section aria-labelledby="headers" {
            h2 #headers { "Headers" }
            pre { (pretty(&whole.headers.to_string())) }
        }
    }
}
