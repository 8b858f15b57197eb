//! Webhook endpoints: one's own, or all of them.
//!
//! | module | what it is for |
//! |---|---|
//! | `standing` | where an endpoint stands, and what happens next |
//! | `settings` | the form for what a person writes of one |
//! | `new` | adding one |
//! | `one` | everything about one |
//! | `log` | its last deliveries, and its steps from state to state |
//! | `actions` | trying it, switching it on and off, removing it |
//! | `secret` | what its requests are signed with |

mod actions;
mod log;
mod new;
mod one;
mod secret;
mod settings;
mod standing;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use maud::{Markup, html};
use proto_events::EndpointState;

use super::Answer;
use super::component::{BY_NAME, other_complaints, pager};
use super::form::listed;
use super::layout::Section;
use super::outcome::plain;
use super::visitor::Visitor;
use crate::app::App;
use crate::refusal::{Errors, Refusal};
use crate::rest::notification_webhooks::{self, Webhook};
use crate::rest::query::{List, Query};

/// Where the page is.
pub(super) const PATH: &str = "/webhooks";

/// Where one is added.
const NEW: &str = "/webhooks/new";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(look))
        .route(NEW, get(new::ask).post(new::add))
        .route("/webhooks/{id}", get(one::look).post(one::change))
        .route("/webhooks/{id}/ping", post(actions::ping))
        .route("/webhooks/{id}/activate", post(actions::activate))
        .route("/webhooks/{id}/deactivate", post(actions::deactivate))
        .route("/webhooks/{id}/remove", post(actions::remove))
        .route("/webhooks/{id}/secret", post(secret::make))
        .route("/webhooks/{id}/secret/rotate", post(secret::rotate))
        .route("/webhooks/{id}/secret/end", post(secret::end_previous))
        .route("/webhooks/{id}/secret/remove", post(secret::remove))
}

/// The page of an endpoint.
fn address(id: i64) -> String {
    format!("{PATH}/{id}")
}

async fn look(State(app): State<App>, visitor: Visitor, query: Query) -> Answer {
    let found = notification_webhooks::listed(&app, &visitor.caller, &query, true).await;
    let (status, list, errors) = listed(found)?;
    let content = html! {
        div.row.spread {
            h1 { "Webhooks" @if let Some(list) = &list { " " span.soft { "(" (list.count) ")" } } }
            a.button href=(NEW) { "Add an endpoint" }
        }
        (switched_off(&app, &visitor).await?)
        (filters(&visitor, &query, &errors))
        @if let Some(list) = &list { (entries(list, &query)) }
    };
    Ok(visitor.answer(status, Section::Webhooks, "Webhooks", &content))
}

/// Says so where System Settings keep all endpoints quiet.
async fn switched_off(app: &App, visitor: &Visitor) -> Result<Markup, Refusal> {
    let settings = app.store.delivery_settings().await?.settings;
    Ok(html! {
        @if !settings.enable_webhooks_notifications {
            p.card.notice {
                span.state.warn { "off" } " Webhook notifications are switched off in System Settings: pings work, but nothing else is sent. "
                @if visitor.caller.superuser { a href=(super::system_settings::PATH) { "Open System Settings" } }
                @else { "An administrator can switch them on." }
            }
        }
    })
}

fn filters(visitor: &Visitor, query: &Query, errors: &Errors) -> Markup {
    let field = |name, label| errors.field(name, label, "");
    let shown: &[&str] = if visitor.caller.superuser {
        &["search", "status", "owner_name", "system"]
    } else {
        &["search", "status"]
    };
    let states = EndpointState::ALL.map(|state| (state.as_str(), standing::choice(state)));
    html! {
        form.card.filters method="get" action=(PATH) role="search" aria-label="Endpoints" {
            (other_complaints(errors, shown))
            (field("search", "Name or URL").input("search", query.text("search")))
            (field("status", "Status").choice([("", "any")].into_iter().chain(states), query.text("status")))
            @if visitor.caller.superuser {
                (field("owner_name", "Owner (username)").input("text", query.text("owner_name")))
                (field("system", "The system's only").flag(query.text("system") == "true"))
            }
            button { "Show" }
        }
    }
}

fn entries(list: &List<Webhook>, query: &Query) -> Markup {
    let names = ["search", "status", "owner_name", "system"];
    let is_filtered = names.iter().any(|name| !query.text(name).is_empty());
    html! {
        @if list.results.is_empty() {
            div.card.empty {
                @if is_filtered { p { "No endpoint is like that. " a href=(PATH) { "Show all" } } }
                @else {
                    p { "No endpoints yet. One that you add gets a request with JSON for every notification that goes over the "
                        "channel webhooks: into a chat, a SIEM, a script of your own." }
                }
            }
        } @else {
            ul.webhooks { @for webhook in &list.results { (entry(webhook)) } }
            (pager(list, BY_NAME))
        }
    }
}

fn entry(webhook: &Webhook) -> Markup {
    html! {
        li.card {
            div.row {
                h2 { a href=(address(webhook.id)) { (plain(&webhook.name)) } }
                (standing::badge(webhook))
            }
            p { code { (plain(&webhook.url)) } }
            p.soft {
                "Owner: " (owner(webhook))
                @if webhook.signed { " · signed" }
            }
            p { (standing::sentence(webhook)) }
            @if let Some(note) = &webhook.note { p.soft { "Last note: " (plain(note)) } }
        }
    }
}

/// Whose it is, as people read it.
fn owner(webhook: &Webhook) -> String {
    match (&webhook.owner_name, webhook.owner) {
        (Some(name), _) => plain(name),
        (None, Some(id)) => format!("user {id}"),
        (None, None) => "System".to_owned(),
    }
}
