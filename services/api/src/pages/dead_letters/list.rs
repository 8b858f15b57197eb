//! Looking for dead letters.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};

use super::{CHOSEN, PATH, address, state};
use crate::access::Superuser;
use crate::app::App;
use crate::pages::component::{BY_TIME, ask_within, moment, other_complaints, pager};
use crate::pages::form::listed;
use crate::pages::layout::Section;
use crate::pages::outcome::{plain, reasons, services, why};
use crate::pages::visitor::Visitor;
use crate::pages::{Answer, events};
use crate::refusal::Errors;
use crate::rest::dead_letters::{self, Letter};
use crate::rest::query::{List, Query};

/// What is looked at unless somebody asks for more: what waits.
const WAITING: &str = "false";

pub(super) async fn look(State(app): State<App>, visitor: Visitor, query: Query) -> Answer {
    let superuser = Superuser::of(&visitor.caller)?;
    let query = query.or("resolved", WAITING);
    let asked = with_both(query.clone());
    let found = dead_letters::list(State(app), superuser, asked).await;
    let (status, list, errors) = listed(found.map(|Json(list)| list))?;
    let page = page(&query, list.as_ref(), &errors);
    Ok(visitor.answer(status, Section::DeadLetters, "Dead letters", &page))
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
                        (ask_within("chosen-replay", "Send again", "Send those that you chose again? What has arrived meanwhile is left alone.", "replay"))
                        (ask_within("chosen-discard", "Discard", "Are those that you chose not needed any more? They stay in the list of those that were dealt with.", "discard"))
                    }
                    (table(&list.results))
                }
                (pager(list, BY_TIME))
                @if let Some(command) = command(query).filter(|_| list.next.is_some() || list.previous.is_some()) {
                    p.soft { "All that fit, on every page: " code { (command) } }
                }
            }
        }
    }
}

/// What sends all that wait and fit again, at a pace that receivers bear; none where a page shows others.
fn command(query: &Query) -> Option<String> {
    let words = ["service", "reason", "event", "job"].map(|name| (name, query.text(name)));
    // What cannot be seen is not to be copied either, nor what would be an option.
    let is_word = |(_, value): &(_, &str)| plain(value) == *value && !value.starts_with('-');
    if query.text("resolved") != WAITING || !words.iter().all(is_word) {
        return None;
    }
    let words = words.map(|(name, value)| (name, value.to_owned()));
    let times = ["since", "until"].map(|name| {
        let time: Option<DateTime<Utc>> = query.get(name).ok().flatten();
        let time = time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        (name, time.unwrap_or_default())
    });
    let mut command = ["notifyctl", "dead-letters", "replay"]
        .map(str::to_owned)
        .to_vec();
    let filters = words.into_iter().chain(times);
    for (name, value) in filters.filter(|(_, value)| !value.is_empty()) {
        command.extend([format!("--{name}"), value]);
    }
    if command.len() == 3 {
        command.push("--all".to_owned());
    }
    shlex::try_join(command.iter().map(String::as_str)).ok()
}

fn form(query: &Query, errors: &Errors) -> Markup {
    let field = |name, label| errors.field(name, label, "");
    let mut shown = vec!["resolved", "service", "reason", "event", "since", "until"];
    let is_of_job = !query.text("job").is_empty();
    if is_of_job {
        shown.push("job");
    }
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
            @if is_of_job { (field("job", "Job").input("search", query.text("job"))) }
            (field("since", "From (UTC)").instant(query.text("since")))
            (field("until", "Until (UTC)").instant(query.text("until")))
            div.row { button { "Search" } " " a href=(PATH) { "Start anew" } }
        }
        (other_complaints(errors, &shown))
    }
}

fn table(letters: &[Letter]) -> Markup {
    html! {
        div.table { table.log {
            caption.unseen { "Dead letters, the newest first" }
            thead { tr {
                th scope="col" { span.unseen { "Choose" } }
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
                span.soft.below { (plain(&letter.detail)) }
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
            (Some(source), Some(id)) => a href=(events::address(source, id)) { code { (plain(id)) } },
            _ => span.soft { "not known" },
        }
    }
}
