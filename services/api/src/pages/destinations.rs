//! Destinations: those with a filter, which are kept here, and all other places that messages go
//! to, which come and go with people, settings and endpoints.
//!
//! | module | what it is for |
//! |---|---|
//! | `told` | a filter in words |
//! | `written` | the form, read |
//! | `form` | the form, shown |
//! | `keep` | adding and changing one |
//! | `actions` | removing and trying one |

mod actions;
mod form;
mod keep;
mod told;
mod written;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use maud::{Markup, html};
use proto_events::{Channel, ChannelSet};

use super::component::{BY_NAME, ask_about, other_complaints, pager};
use super::form::listed;
use super::layout::Section;
use super::outcome::{channel_words, channels, plain};
use super::visitor::Visitor;
use super::{Answer, webhooks};
use crate::access::Superuser;
use crate::app::App;
use crate::refusal::Errors;
use crate::rest::destinations::{Destination, list};
use crate::rest::query::{List, Query};
use told::Names;

/// Where the page is.
pub(super) const PATH: &str = "/destinations";

/// Where one is added.
const NEW: &str = "/destinations/new";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(look))
        .route(NEW, get(keep::ask_new).post(keep::add))
        .route("/destinations/{id}", get(keep::look).post(keep::change))
        .route("/destinations/{id}/remove", post(actions::remove))
        .route("/destinations/{id}/test", post(actions::test))
}

async fn look(State(app): State<App>, visitor: Visitor, query: Query) -> Answer {
    Superuser::of(&visitor.caller)?;
    let query = query.or("filtered", "true");
    let found = list(State(app.clone()), visitor.caller.clone(), query.clone()).await;
    let (status, list, errors) = listed(found.map(|Json(list)| list))?;
    let entries = match &list {
        Some(list) => {
            let filters = list.results.iter().filter_map(|it| it.filter.as_ref());
            let names = Names::of(&app, filters).await?;
            let on = app.store.delivery_settings().await?.settings.enabled();
            entries(list, &query, &names, &on)
        }
        None => html! {},
    };
    let content = html! {
        div.row.spread {
            h1 { "Destinations" @if let Some(list) = &list { " " span.soft { "(" (list.count) ")" } } }
            a.button href=(NEW) { "Add a destination" }
        }
        (tabs(&query))
        (filters(&query, &errors))
        (entries)
    };
    Ok(visitor.answer(status, Section::Destinations, "Destinations", &content))
}

fn tabs(query: &Query) -> Markup {
    let tabs = [("true", "With a filter"), ("false", "All others")];
    html! {
        ul.tabs {
            @for (value, label) in tabs {
                li {
                    a href={ (PATH) "?filtered=" (value) } aria-current=[(value == query.text("filtered")).then_some("true")] { (label) }
                }
            }
        }
        @if query.text("filtered") == "true" {
            p.soft { "They hear what passes their filter and names no recipients, on top of what the system's rule says." }
        } @else {
            p.soft { "They come and go with people, System Settings and webhook endpoints." }
        }
    }
}

fn filters(query: &Query, errors: &Errors) -> Markup {
    let field = |name, label| errors.field(name, label, "");
    html! {
        form.card.filters method="get" action=(PATH) role="search" aria-label="Destinations" {
            (other_complaints(errors, &["search", "channel"]))
            input type="hidden" name="filtered" value=(query.text("filtered"));
            (field("search", "Name, address or person").input("search", query.text("search")))
            (field("channel", "Channel").choice([("", "any")].into_iter().chain(channels()), query.text("channel")))
            button { "Show" }
        }
    }
}

fn entries(list: &List<Destination>, query: &Query, names: &Names, on: &ChannelSet) -> Markup {
    let is_searched = !query.text("search").is_empty() || !query.text("channel").is_empty();
    html! {
        @if list.results.is_empty() {
            div.card.empty {
                @if is_searched { p { "No destination is like that. " a href=(PATH) { "Show all with a filter" } } }
                @else if query.text("filtered") == "true" {
                    p { "No destinations yet. One that you add gets, say, a product's news to its team: into a Slack channel, "
                        "a Teams workflow, a mail address or a webhook endpoint." }
                } @else { p { "Nobody has an address yet, and System Settings name none." } }
            }
        } @else {
            ul.destinations { @for it in &list.results { (entry(it, query, names, on)) } }
            (pager(list, BY_NAME))
        }
    }
}

fn entry(it: &Destination, query: &Query, names: &Names, on: &ChannelSet) -> Markup {
    let name = title(it);
    html! {
        li.card {
            div.row {
                h2 { (plain(&name)) }
                span.state { (channel_words(it.channel)) }
                @if !on.contains(it.channel) { span.state.warn { "channel is off in System Settings" } }
                @if it.switched_off { span.state { "switched off" } }
            }
            p { (place(it)) }
            @if let Some(filter) = &it.filter { p { (told::words(filter, names)) } }
            div.row {
                @if it.filter.is_some() { a.button.quiet href=(address(it.id)) aria-label={ "Edit " (plain(&name)) } { "Edit" } }
                @if !it.switched_off {
                    form method="post" action={ (address(it.id)) "/test" } {
                        input type="hidden" name="query" value=(query.here(""));
                        button.quiet aria-label={ "Send a test to " (plain(&name)) } { "Send a test" }
                    }
                }
                @if it.filter.is_some() { (remove(it)) }
            }
        }
    }
}

/// The button that removes one, after asking.
fn remove(it: &Destination) -> Markup {
    let title = plain(&title(it));
    let name = format!("Remove “{title}”");
    let question = format!(
        "Remove the destination “{title}”? What is under way to it ends in the dead letters."
    );
    let (id, action) = (
        format!("remove-{}", it.id),
        format!("{}/remove", address(it.id)),
    );
    ask_about(&id, "Remove", &name, &question, &action, &html! {})
}

/// Where it is, as far as that is no secret.
fn place(it: &Destination) -> Markup {
    html! {
        @match (&it.address, it.webhook) {
            (Some(url), Some(webhook)) => { code { (plain(url)) } " " a href={ (webhooks::PATH) "/" (webhook) } { "the endpoint" } },
            (Some(address), None) => code { (plain(address)) },
            (None, _) => span.soft { "Its URL is a secret." },
        }
    }
}

/// What people call it; without a name, whose it is.
fn title(it: &Destination) -> String {
    let whose = || match (&it.username, it.channel) {
        (Some(username), _) => username.clone(),
        (None, Channel::Msteams) => "System: Teams workflow".to_owned(),
        (None, _) => "System".to_owned(),
    };
    it.name.clone().unwrap_or_else(whose)
}

/// The page of a destination.
fn address(id: i64) -> String {
    format!("{PATH}/{id}")
}
