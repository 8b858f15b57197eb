//! Alerts: one's own, to read, mark and remove.

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use maud::{Markup, html};

use super::component::{BY_TIME, ask, moment, pager};
use super::form::{Form, Kind};
use super::layout::Section;
use super::outcome::plain;
use super::visitor::Visitor;
use super::{Answer, notifications, said};
use crate::app::App;
use crate::rest::alerts::{self, Alert};
use crate::rest::query::{List, Query};

/// Where the page is.
pub(super) const PATH: &str = "/alerts";

/// Where all are removed, and what is asked before.
pub(super) const CLEAR: &str = "/alerts/clear";
pub(super) const CLEAR_ALL: &str =
    "Remove all of your alerts, read and unread? They do not come back.";

/// The parts of the list: the value of the filter `read`, and its name.
const TABS: [(&str, &str); 3] = [("", "All"), ("false", "Unread"), ("true", "Read")];

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(look).post(change))
        .route(CLEAR, post(clear))
}

async fn look(State(app): State<App>, visitor: Visitor, query: Query) -> Answer {
    let shown = Shown {
        here: query.here(PATH),
        read: query.text("read").to_owned(),
        passed: query.window()?.offset,
        site: app.config.site_url.clone(),
        list: alerts::list(State(app), visitor.caller.clone(), query)
            .await?
            .0,
    };
    Ok(visitor.page(Section::Alerts, "Alerts", &page(&shown)))
}

/// What is to become of the alerts that were ticked: the name of the button says it.
async fn change(State(app): State<App>, visitor: Visitor, form: Form) -> Answer {
    let (state, caller) = (State(app.clone()), visitor.caller);
    let chosen = form.fields(&[("ids", Kind::List)]);
    let back = back(form.text("back"));
    if !form.has("ids") {
        let sentence = "Nothing was done: tick the alerts first.";
        return Ok(said::then(&app, back, sentence));
    }
    let (done, what) = match form.text("do") {
        "read" => (
            alerts::mark_read(state, caller, chosen).await?,
            "marked as read",
        ),
        "unread" => (
            alerts::mark_unread(state, caller, chosen).await?,
            "marked as unread",
        ),
        "remove" => (alerts::remove_some(state, caller, chosen).await?, "removed"),
        _ => return Ok(said::then(&app, back, "Nothing was done.")),
    };
    Ok(said::then(&app, back, &counted(done.count, what)))
}

/// Where a form was sent from: a page of this list, whatever it says.
fn back(here: &str) -> &str {
    let query = here
        .strip_prefix(PATH)
        .and_then(|rest| rest.strip_prefix('?'));
    let is_address = |query: &str| query.bytes().all(|byte| byte.is_ascii_graphic());
    if query.is_some_and(is_address) {
        here
    } else {
        PATH
    }
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

/// What somebody looks at.
struct Shown {
    /// The address of this page.
    here: String,
    /// The filter `read`, as it was written.
    read: String,
    /// How many alerts come before this page's.
    passed: i64,
    /// The address of DefectDojo, where alerts lead to.
    site: String,
    list: List<Alert>,
}

fn page(shown: &Shown) -> Markup {
    let list = &shown.list;
    html! {
        h1 { "Alerts " span.soft { "(" (list.count) ")" } }
        ul.tabs {
            @for (value, label) in TABS {
                li { a href={ (PATH) "?read=" (value) } aria-current=[(value == shown.read).then_some("true")] { (label) } }
            }
        }
        @if list.results.is_empty() {
            div.card.empty { (nothing(shown)) }
        } @else {
            form #chosen method="post" action=(PATH) {
                input type="hidden" name="back" value=(shown.here);
                div.row {
                    label { input type="checkbox" data-all="ids" hidden; " All on this page" }
                    button.quiet name="do" value="read" { "Mark as read" }
                    button.quiet name="do" value="unread" { "Mark as unread" }
                    button.quiet name="do" value="remove" { "Remove" }
                }
                ol.alerts { @for alert in &list.results { (row(alert, &shown.site)) } }
            }
            p.soft.place { (place(shown)) }
            (pager(list, BY_TIME))
            (ask("clear", "Clear all alerts", CLEAR_ALL, CLEAR, &html! {}))
        }
    }
}

/// Why there is nothing on this page.
fn nothing(shown: &Shown) -> Markup {
    html! {
        @if shown.list.count > 0 {
            p { "Your alerts do not go back this far." }
            p { a href={ (PATH) "?read=" (shown.read) } { "To the newest" } }
        } @else {
            @match shown.read.as_str() {
                "" => {
                    p { "You have no alerts. What DefectDojo tells you from now on appears here, and the bell says so." }
                    p { a href=(notifications::PATH) { "Choose what reaches you" } }
                }
                "false" => p { "You have read all of your alerts." },
                _ => p { "You have marked none of your alerts as read." },
            }
        }
    }
}

/// Which part of the list this page is.
fn place(shown: &Shown) -> String {
    let first = shown.passed.saturating_add(1);
    let shown_here = i64::try_from(shown.list.results.len()).unwrap_or(i64::MAX);
    let last = shown.passed.saturating_add(shown_here);
    format!("{first}–{last} of {}", shown.list.count)
}

fn row(alert: &Alert, site: &str) -> Markup {
    let title = plain(alert.headline());
    html! {
        li.card.unread[!alert.read] {
            label { input type="checkbox" name="ids" value=(alert.id) aria-label={ "Choose: " (title) }; }
            div {
                h2 {
                    @match alert.href(site) {
                        Some(url) => a href=(url) { (title) },
                        None => (title),
                    }
                }
                @if alert.description != alert.headline() { p { (plain(&alert.description)) } }
                p.soft { (plain(&alert.source)) " · " (moment(alert.created)) @if !alert.read { " · " span.state { "unread" } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PATH, back};

    #[test]
    fn whoever_sent_a_form_comes_back_to_the_list_and_nowhere_else() {
        let here = "/alerts?offset=25&read=false";
        assert_eq!(back(here), here);
        for foreign in [
            "",
            "https://evil.example",
            "//evil.example",
            "/alertsx?",
            "/alerts?a\r\nb",
            "/profile",
        ] {
            assert_eq!(back(foreign), PATH, "{foreign:?}");
        }
    }
}
