//! The newest alerts, below the bell.

use axum::extract::State;
use maud::{Markup, html};

use super::super::alerts::{self, CLEAR, CLEAR_ALL};
use super::super::component::{ask, moment};
use super::super::outcome::plain;
use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::alerts::{Alert, newest};

/// How many are shown, as in DefectDojo.
const SHOWN: u32 = 12;

/// Characters of a title, and of the description that explains it.
const TITLE: usize = 50;
const TOOLTIP: usize = 100;

pub(super) async fn look(State(app): State<App>, caller: Caller) -> Result<Markup, Refusal> {
    let alerts = newest(&app, &caller, SHOWN).await?;
    Ok(list(&alerts, &app.config.site_url))
}

fn list(alerts: &[Alert], site: &str) -> Markup {
    html! {
        @if alerts.is_empty() {
            p.soft { "No alerts. What DefectDojo tells you appears here by itself." }
        } @else {
            ol { @for alert in alerts { (row(alert, site)) } }
        }
        div.row {
            a href=(alerts::PATH) data-key="all" { "See all alerts" }
            @if !alerts.is_empty() { (ask("bell-clear", "Clear all", CLEAR_ALL, CLEAR, &html! {})) }
        }
    }
}

fn row(alert: &Alert, site: &str) -> Markup {
    let title = plain(&cut(alert.headline(), TITLE));
    let tooltip = plain(&cut(&alert.description, TOOLTIP));
    html! {
        li.unread[!alert.read] title=(tooltip) {
            @match alert.href(site) {
                Some(url) => a href=(url) data-key=(alert.id) { (title) },
                None => span { (title) },
            }
            p.soft { (plain(&alert.source)) " · " (moment(alert.created)) @if !alert.read { span.unseen { " · unread" } } }
        }
    }
}

/// The beginning of a text, so many characters at most.
fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_text_is_cut_by_characters_and_says_so() {
        assert_eq!(cut("žluťoučký", 9), "žluťoučký");
        assert_eq!(cut("žluťoučký", 5), "žluťo…");
        assert_eq!(cut("", 5), "");
    }
}
