//! The way out of mails with one click, without a login (RFC 8058). The link in a mail only asks;
//! what its page sends, or a mail program in its place, stops the mails.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use messages::Subscription;
use messages::unsubscribe::PATH;
use proto_events::Column;
use rules::Trump;
use store::StillMailing;

use super::outcome::plain;
use super::{Answer, layout, notifications};
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::path::Id;

pub(super) fn router() -> Router<App> {
    Router::new().route(&format!("{PATH}{{token}}"), get(ask).post(stop))
}

/// Changes nothing: programs look at links to see whether they are safe.
async fn ask(State(app): State<App>, token: Result<Id<String>, Refusal>) -> Response {
    let Some(subscription) = subscription(&app, token) else {
        return unknown();
    };
    layout::bare("Unsubscribe", &question(&subscription.columns))
}

/// Takes no body, so that none is refused; nobody signs in, so that no other site's page could
/// use a session. Mail programs follow no redirect, so that the answer stands here.
async fn stop(State(app): State<App>, token: Result<Id<String>, Refusal>) -> Answer {
    let Some(Subscription { user, columns }) = subscription(&app, token) else {
        return Ok(unknown());
    };
    let listed: Vec<Column> = columns.iter().copied().collect();
    let Some(still) = app.store.stop_mail(user, &listed).await? else {
        return Ok(unknown());
    };
    tracing::info!(user, columns = ?listed, "a person stopped mails by their link");
    let content = stopped(&columns, &remaining(&app.policy.trump, &still));
    Ok(layout::bare("Unsubscribed", &content))
}

/// What a token was made for; whatever cannot be read as one is none.
fn subscription(app: &App, token: Result<Id<String>, Refusal>) -> Option<Subscription> {
    let Id(token) = token.ok()?;
    app.unsubscribing.as_ref()?.subscription(&token)
}

fn unknown() -> Response {
    let content = html! {
        h1 { "This link does not work" }
        p { "It is not whole, or it was made with a key that is no longer in use, or for somebody who is gone. Nothing was changed." }
        p { "You can choose which mails reach you in " a href=(notifications::PATH) { "Notifications" } "." }
    };
    (
        StatusCode::NOT_FOUND,
        layout::bare("Unknown link", &content),
    )
        .into_response()
}

fn question(columns: &BTreeSet<Column>) -> Markup {
    html! {
        h1 { "Stop these mails?" }
        p { "You will get no more mails about:" }
        (list(columns))
        p { "Everything else stays: mails about other events, and what reaches you through other channels." }
        form method="post" { button { "Stop these mails" } }
    }
}

fn stopped(columns: &BTreeSet<Column>, remaining: &[String]) -> Markup {
    html! {
        h1 { "Unsubscribed" }
        p role="status" { "Your own rules send you no more mails about:" }
        (list(columns))
        p { "What is under way already may still arrive." }
        @if !remaining.is_empty() {
            h2 { "What is not yours to stop here" }
            ul { @for sentence in remaining { li { (sentence) } } }
        }
        p { "To change your mind, or to choose for other events and channels, go to "
            a href=(notifications::PATH) { "Notifications" } "." }
    }
}

fn list(columns: &BTreeSet<Column>) -> Markup {
    html! {
        ul { @for column in columns {
            li {
                strong { (column.label()) }
                @if *column == Column::Other { span.soft { " – all events that have no choice of their own" } }
            }
        } }
    }
}

/// Whose rules still send mails of these columns, in sentences.
fn remaining(trump: &Trump, still: &StillMailing) -> Vec<String> {
    let labels = |columns: &[Column]| {
        let labels: Vec<&str> = columns.iter().map(|column| column.label()).collect();
        labels.join(", ")
    };
    let by_system = still.system.iter().copied();
    let trumped: Vec<Column> = by_system.filter(|column| trump.reaches(*column)).collect();
    let mut sentences = Vec::new();
    if still.superuser && !still.system.is_empty() {
        sentences.push(format!(
            "The system rule still applies: it has mail for {}, and superusers get what it says.",
            labels(&still.system)
        ));
    } else if !trumped.is_empty() {
        sentences.push(format!(
            "The system rule still applies: it has mail for {}, and counts for everybody whom such an event names.",
            labels(&trumped)
        ));
    }
    for group in &still.groups {
        sentences.push(format!(
            "The rule of the group {} still sends mails to its members.",
            plain(group)
        ));
    }
    if still.shared {
        sentences.push("Your address is also one of the system's own, to which everybody's news goes; an administrator can change that.".to_owned());
    }
    sentences
}
