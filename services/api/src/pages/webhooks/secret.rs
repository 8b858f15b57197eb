//! What an endpoint's requests are signed with: made, replaced, ended. A secret is on the one page
//! that answers whoever made it.

use axum::extract::State;
use maud::{Markup, html};

use super::{address, one};
use crate::app::App;
use crate::pages::Answer;
use crate::pages::component::{ask, moment};
use crate::pages::form::{Form, Kind};
use crate::pages::layout::Section;
use crate::pages::outcome::plain;
use crate::pages::visitor::Visitor;
use crate::refusal::Refusal;
use crate::rest::notification_webhooks::secret::{self, Made};
use crate::rest::notification_webhooks::{Webhook, detail};
use crate::rest::path::Id;

/// How long the secret before may sign, for people to choose from (seconds).
const OVERLAPS: [(&str, &str); 4] = [
    ("86400", "24 hours"),
    ("3600", "an hour"),
    ("604800", "a week"),
    ("0", "no longer"),
];

pub(super) async fn make(
    State(app): State<App>,
    visitor: Visitor,
    id: Result<Id, Refusal>,
) -> Answer {
    let id = id?.0;
    match secret::make(State(app.clone()), visitor.caller.clone(), Id(id)).await {
        Ok((_, made)) => Ok(shown(&visitor, &made)),
        Err(refusal) => one::refused(&app, &visitor, id, refusal).await,
    }
}

pub(super) async fn rotate(
    State(app): State<App>,
    visitor: Visitor,
    id: Result<Id, Refusal>,
    form: Form,
) -> Answer {
    let (id, caller) = (id?.0, visitor.caller.clone());
    let now = detail::read(&app, &caller, id).await?.webhook;
    // A page that is sent again by its reload is not to end the secret that it has just shown.
    if form.text("seen") != seen(&now) {
        return one::refused(&app, &visitor, id, Refusal::changed()).await;
    }
    let fields = form.fields(&[("overlap", Kind::Number)]);
    match secret::rotate(State(app.clone()), caller, Id(id), fields).await {
        Ok((_, made)) => Ok(shown(&visitor, &made)),
        Err(refusal) => one::refused(&app, &visitor, id, refusal).await,
    }
}

pub(super) async fn end_previous(
    State(app): State<App>,
    visitor: Visitor,
    id: Result<Id, Refusal>,
) -> Answer {
    let id = id?.0;
    let ended = secret::end_previous(State(app.clone()), visitor.caller.clone(), Id(id)).await;
    let sentence = "The secret before signs no more; requests carry one signature.";
    one::done(&app, &visitor, id, ended, sentence).await
}

pub(super) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    id: Result<Id, Refusal>,
) -> Answer {
    let id = id?.0;
    let removed = secret::remove(State(app.clone()), visitor.caller.clone(), Id(id)).await;
    let sentence = "Requests are signed no more.";
    one::done(&app, &visitor, id, removed, sentence).await
}

/// The only page that a secret is on.
fn shown(visitor: &Visitor, made: &Made) -> axum::response::Response {
    let webhook = &made.webhook;
    let content = html! {
        h1 { "The new signing secret of " (plain(&webhook.name)) }
        div.card {
            pre #secret { (made.secret) }
            p { strong { "Give it to the receiver now: it is not shown again." } }
            @if let Some(until) = webhook.previous_signs_until {
                p { "The one before signs too until " (moment(until)) ": until then requests carry two signatures, the new one's first." }
            }
            p { "Every request carries " code { "webhook-signature" } ": HMAC-SHA256 over webhook-id, webhook-timestamp and body, as "
                a href="https://www.standardwebhooks.com" rel="noreferrer" { "Standard Webhooks" } " has it." }
            p { a.button href={ (address(webhook.id)) "#signing" } { "Done" } }
        }
    };
    visitor.page(Section::Webhooks, "A new signing secret", &content)
}

/// What can be done about the secret.
pub(super) fn card(webhook: &Webhook) -> Markup {
    html! {
        div.card {
            @if webhook.signed { (signed(webhook)) } @else { (unsigned(webhook)) }
        }
    }
}

fn unsigned(webhook: &Webhook) -> Markup {
    html! {
        p { "Requests are not signed. With a secret, the receiver can tell them from anybody else's." }
        form method="post" action={ (address(webhook.id)) "/secret" } { button.quiet { "Make a secret" } }
    }
}

fn signed(webhook: &Webhook) -> Markup {
    let here = address(webhook.id);
    let question = match webhook.previous_signs_until {
        None => "Make another secret? The present one signs beside it for the time you choose.",
        Some(_) => {
            "Make another secret? The present one signs beside it for the time you choose, and the one before it ends now."
        }
    };
    let hidden = html! {
        input type="hidden" name="seen" value=(seen(webhook));
        p {
            label for="overlap" { "The present one signs for " }
            select #overlap name="overlap" { @for (value, words) in OVERLAPS { option value=(value) { (words) } } }
        }
    };
    let end = "End the secret before? A receiver that still has it refuses requests from now on.";
    let remove = "Sign no more? A receiver that wants a signature refuses requests from now on.";
    html! {
        @match webhook.previous_signs_until {
            None => p { span.state.good { "signed" } " Requests are signed with one secret." },
            Some(until) => p {
                span.state.warn { "two secrets" } " Requests carry two signatures until " (moment(until))
                "; then the secret before ends by itself."
            },
        }
        div.row {
            (ask("rotate", "Rotate", question, &format!("{here}/secret/rotate"), &hidden))
            @if webhook.previous_signs_until.is_some() {
                (ask("end", "End the secret before", end, &format!("{here}/secret/end"), &html! {}))
            }
            (ask("unsign", "Sign no more", remove, &format!("{here}/secret/remove"), &html! {}))
        }
    }
}

/// What a rotation supposes: which secret signs.
fn seen(webhook: &Webhook) -> &str {
    webhook.secret_mark.as_deref().unwrap_or_default()
}
