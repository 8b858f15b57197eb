//! How a message reads, in a frame of its own: a mail is somebody else's document, and may do nothing
//! on our pages.

use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use proto_events::{Channel, JobId};
use serde_json::{Map, Value, json};

use super::chosen::Chosen;
use crate::access::Superuser;
use crate::app::App;
use crate::pages::form::Form;
use crate::pages::outcome::channel_words;
use crate::pages::visitor::Visitor;
use crate::pages::{Answer, sent};
use crate::refusal::Refusal;
use crate::rest::content::Fields;
use crate::rest::query::Query;
use crate::rest::{templates, test_send};

/// Nothing runs, nothing is loaded, and only our own pages may frame it.
const POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// What is not a mail is text, in the reader's own colours.
const STYLE: &str = "body { font: 1rem/1.5 system-ui, sans-serif; margin: 1rem; } \
    pre { white-space: pre-wrap; overflow-wrap: anywhere; font: .9rem/1.45 ui-monospace, monospace; }";

/// With the templates in force.
pub(super) async fn in_force(State(app): State<App>, visitor: Visitor, query: Query) -> Answer {
    let superuser = Superuser::of(&visitor.caller)?;
    let chosen = Chosen::asked(&query);
    let shown = shown(app, superuser, query.text("file"), &chosen, None).await;
    Ok(shown.unwrap_or_else(refused))
}

/// With what is written, saved or not.
pub(super) async fn written(State(app): State<App>, visitor: Visitor, form: Form) -> Answer {
    let superuser = Superuser::of(&visitor.caller)?;
    let (file, chosen) = (form.text("file"), Chosen::sent(&form));
    let shown = shown(app, superuser, file, &chosen, Some(form.lines("source"))).await;
    Ok(shown.unwrap_or_else(refused))
}

async fn shown(
    app: App,
    superuser: Superuser,
    file: &str,
    chosen: &Chosen,
    source: Option<String>,
) -> Result<Response, Refusal> {
    let mut trial = Map::new();
    let mut put = |name: &str, value| trial.insert(name.to_owned(), value);
    put("channel", json!(chosen.channel(file)));
    put("event", chosen.event(&app, file).await?);
    if let Some(source) = source {
        put("file", json!(file));
        put("source", json!(source));
    }
    let preview = templates::preview(State(app), superuser, Fields(trial)).await?;
    Ok(message(chosen.way(file), &preview.0.message))
}

/// A message as it is shown in a way.
fn message(way: &str, message: &Value) -> Response {
    let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
    match way {
        // The mail itself, not a page about it.
        "mail" => answer(StatusCode::OK, text("html")),
        "mail_text" => {
            document(&html! { p { strong { (text("subject")) } } pre { (text("text")) } })
        }
        "alert" => document(&html! {
            p { strong { (text("title")) } }
            pre { (text("description")) }
            p { small { (text("source")) " · " (text("url")) } }
        }),
        _ => document(&html! { pre { (format!("{message:#}")) } }),
    }
}

/// Sends what is in force to whoever asks, on the way that all messages take.
pub(super) async fn test(State(app): State<App>, visitor: Visitor, form: Form) -> Answer {
    Superuser::of(&visitor.caller)?;
    Ok(tested(&app, &visitor, &form).await.unwrap_or_else(refused))
}

async fn tested(app: &App, visitor: &Visitor, form: &Form) -> Result<Response, Refusal> {
    let (file, chosen) = (form.text("file"), Chosen::sent(form));
    let channel = chosen.channel(file);
    let event = chosen.event(app, file).await?;
    let Some(destination) = own(app, visitor.caller.id, channel).await? else {
        return Ok(document(&html! {
            p { "Nothing was sent: you have no address of your own for " (channel_words(channel)) "." }
            p { "The place of the whole system is tried in System Settings." }
        }));
    };
    let wanted = [("destination", destination), ("event", event)];
    let wanted = wanted.map(|(name, value)| (name.to_owned(), value));
    let fields = Fields(Map::from_iter(wanted));
    let sent = test_send::send(State(app.clone()), visitor.caller.clone(), fields).await?;
    let is_saved = templates::one(app, file)
        .await
        .is_ok_and(|template| template.source.trim() == form.lines("source").trim());
    let outcome = match (channel, sent.1.0.job.parse::<JobId>()) {
        (Channel::Alert, _) | (_, Err(_)) => html! { "It will be among your alerts in a moment." },
        (_, Ok(job)) => {
            let last = sent::last(app, &[job]).await?.pop();
            sent::words(last.and_then(|(_, last)| last).as_ref())
        }
    };
    Ok(document(&html! {
        p { strong { "Sent to you on " (channel_words(channel)) "." } }
        @if !is_saved { p { "What you have written is not saved: this is what is in force." } }
        p { (outcome) }
        p { "The page Deliveries tells what comes of it." }
    }))
}

/// Where somebody is reached on a channel; null: their alerts.
async fn own(app: &App, user: i64, channel: Channel) -> Result<Option<Value>, Refusal> {
    if channel == Channel::Alert {
        return Ok(Some(Value::Null));
    }
    let own = app.store.destinations_of(channel, Some(user)).await?;
    Ok(own.first().copied().map(Value::from))
}

/// A no, in the frame.
fn refused(refusal: Refusal) -> Response {
    let status = refusal.status();
    let sentences = refusal.sentences();
    let page = document(&html! { @for sentence in sentences { p { (sentence) } } });
    (status, page).into_response()
}

fn document(content: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="color-scheme" content="light dark";
                title { "Preview" }
                style { (PreEscaped(STYLE)) }
            }
            body { (content) }
        }
    };
    answer(StatusCode::OK, page.into_string())
}

fn answer(status: StatusCode, page: String) -> Response {
    let headers: [(HeaderName, &str); 2] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    (status, headers, page).into_response()
}
