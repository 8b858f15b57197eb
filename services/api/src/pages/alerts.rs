//! Alerts: one's own, to read, mark and remove.

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use maud::{Markup, html};

use super::component::{ask, moment, pager};
use super::form::{Form, Kind};
use super::layout::Section;
use super::visitor::Visitor;
use super::{Answer, said};
use crate::app::App;
use crate::rest::alerts::{self, Alert};
use crate::rest::query::{List, Query};

/// Where the page is.
pub(super) const PATH: &str = "/alerts";

/// Where all are removed.
const CLEAR: &str = "/alerts/clear";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(look).post(change))
        .route(CLEAR, post(clear))
}

async fn look(State(app): State<App>, visitor: Visitor, query: Query) -> Answer {
    let read = query.text("read").to_owned();
    let list = alerts::list(State(app), visitor.caller.clone(), query).await?;
    Ok(visitor.page(Section::Alerts, "Alerts", &page(&list, &read)))
}

/// What is to become of the alerts that were ticked: the name of the button says it.
async fn change(State(app): State<App>, visitor: Visitor, form: Form) -> Answer {
    let (state, caller) = (State(app.clone()), visitor.caller);
    let chosen = form.fields(&[("ids", Kind::List)]);
    let (done, what) = match form.text("do") {
        "read" => (
            alerts::mark_read(state, caller, chosen).await?,
            "marked as read",
        ),
        "unread" => (
            alerts::mark_unread(state, caller, chosen).await?,
            "marked as unread",
        ),
        _ => (alerts::remove_some(state, caller, chosen).await?, "removed"),
    };
    Ok(said::then(&app, PATH, &counted(done.count, what)))
}

async fn clear(State(app): State<App>, visitor: Visitor) -> Answer {
    let done = alerts::clear(State(app.clone()), visitor.caller).await?;
    Ok(said::then(&app, PATH, &counted(done.count, "removed")))
}

fn counted(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 alert {what}."),
        count => format!("{count} alerts {what}."),
    }
}

fn page(list: &List<Alert>, read: &str) -> Markup {
    let tabs = [("", "All"), ("false", "Unread"), ("true", "Read")];
    html! {
        h1 { "Alerts " span.soft { "(" (list.count) ")" } }
        ul.tabs {
            @for (value, label) in tabs {
                li { a href={ (PATH) "?read=" (value) } aria-current=[(value == read).then_some("true")] { (label) } }
            }
        }
        @if list.results.is_empty() {
            div.card.empty { p { "Nothing here. What DefectDojo tells you from now on appears by itself." } }
        } @else {
            form #chosen method="post" action=(PATH) {
                div.row {
                    label { input type="checkbox" data-all="ids" hidden; " All on this page" }
                    button.quiet name="do" value="read" { "Mark as read" }
                    button.quiet name="do" value="unread" { "Mark as unread" }
                    button.quiet name="do" value="remove" { "Remove" }
                }
                ol.alerts { @for alert in &list.results { (row(alert)) } }
            }
            (pager(list))
            (ask("clear", "Clear all alerts", "Remove all of your alerts, also those on other pages? They do not come back.", CLEAR, &html! {}))
        }
    }
}

fn row(alert: &Alert) -> Markup {
    let title = if alert.title.is_empty() {
        &alert.description
    } else {
        &alert.title
    };
    html! {
        li.card.unread[!alert.read] {
            label { input type="checkbox" name="ids" value=(alert.id) aria-label={ "Choose: " (title) }; }
            div {
                h2 {
                    @match &alert.url { Some(url) => a href=(url) { (title) }, None => (title) }
                }
                @if alert.description != alert.title { p { (alert.description) } }
                p.soft { (alert.source) " · " (moment(alert.created)) @if !alert.read { " · " span.state { "unread" } } }
            }
        }
    }
}
