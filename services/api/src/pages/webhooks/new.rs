//! Adding an endpoint.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use super::settings::{self, Written};
use super::{NEW, PATH, address};
use crate::app::App;
use crate::pages::form::{Form, mendable};
use crate::pages::layout::Section;
use crate::pages::visitor::Visitor;
use crate::pages::{Answer, said};
use crate::refusal::{Errors, Refusal};
use crate::rest::notification_webhooks::Webhook;
use crate::rest::notification_webhooks::actions::Pinged;
use crate::rest::notification_webhooks::tried::add_tried;

pub(super) async fn ask(State(app): State<App>, visitor: Visitor) -> Answer {
    let written = Written::default();
    Ok(page(&app, &visitor, &written, &Errors::default()).await?)
}

pub(super) async fn add(State(app): State<App>, visitor: Visitor, form: Form) -> Answer {
    match added(&app, &visitor, &form).await {
        Ok((webhook, pinged)) => {
            let sentence = format!("Added. {}", answered(&pinged));
            Ok(said::then(&app, &address(webhook.id), &sentence))
        }
        Err(refusal) => {
            let (status, errors) = mendable(refusal)?;
            let written = Written::sent(&form, None);
            let page = page(&app, &visitor, &written, &errors).await?;
            Ok((status, page).into_response())
        }
    }
}

async fn added(app: &App, visitor: &Visitor, form: &Form) -> Result<(Webhook, Pinged), Refusal> {
    let fields = settings::fields(app, visitor, form).await?;
    add_tried(app, &visitor.caller, fields).await
}

/// What a ping came to, for people.
pub(super) fn answered(pinged: &Pinged) -> String {
    let status = StatusCode::from_u16(pinged.status).ok();
    let reason = status.and_then(|status| status.canonical_reason());
    let answer = match reason {
        Some(reason) => format!("HTTP {} ({reason})", pinged.status),
        None => format!("HTTP {}", pinged.status),
    };
    match &pinged.redirect {
        None => format!("It answered the ping with {answer}."),
        Some(location) => {
            let there = if location.is_empty() {
                "nowhere"
            } else {
                location
            };
            format!(
                "But it answered the ping with {answer} and points to {there}: redirects are not followed, so nothing \
                 will arrive. Give it that address."
            )
        }
    }
}

async fn page(
    app: &App,
    visitor: &Visitor,
    written: &Written,
    errors: &Errors,
) -> Result<Response, Refusal> {
    let people = settings::people(app, visitor).await?;
    let content = html! {
        p { a href=(PATH) { "← All endpoints" } }
        h1 { "Add an endpoint" }
        (super::switched_off(app, visitor).await?)
        (settings::form(visitor, written, &people, errors, (NEW, "Ping and add")))
    };
    Ok(visitor.page(Section::Webhooks, "Add an endpoint", &content))
}
