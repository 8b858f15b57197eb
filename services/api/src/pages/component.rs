//! What several pages have.
//!
//! | module | what it is for |
//! |---|---|
//! | `field` | a line of a form |
//! | `question` | buttons that ask first |

mod field;
mod question;

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

use crate::refusal::Errors;
use crate::rest::query::List;
pub(super) use field::Field;
pub(super) use question::{ask, ask_about, ask_within};

/// What is wrong with a form as a whole.
pub(super) fn complaints(errors: &Errors) -> Markup {
    html! { @for error in errors.general() { p.error role="alert" { (error) } } }
}

/// What is wrong with a form as a whole, and with what none of the fields that it shows asks for, such as
/// the number of a page.
pub(super) fn other_complaints(errors: &Errors, shown: &[&str]) -> Markup {
    html! {
        (complaints(errors))
        @for (name, text) in errors.besides(shown) { p.error role="alert" { (name) ": " (text) } }
    }
}

/// A text as an address takes it, in a part of its path or of its query.
pub(super) fn quoted(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

/// A moment; a script shows it in the reader's own time.
pub(super) fn moment(at: DateTime<Utc>) -> Markup {
    let machine = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    html! { time datetime=(machine) { (at.format("%Y-%m-%d %H:%M UTC")) } }
}

/// What the pages before and after are called in a list by time, the newest first.
pub(super) const BY_TIME: [&str; 2] = ["← Newer", "Older →"];

/// What they are called in a list by name.
pub(super) const BY_NAME: [&str; 2] = ["← Previous", "Next →"];

/// The way to the pages before and after, in these words.
pub(super) fn pager<T>(list: &List<T>, [before, after]: [&str; 2]) -> Markup {
    html! {
        @if list.previous.is_some() || list.next.is_some() {
            nav.pager aria-label="Pages" {
                @if let Some(previous) = &list.previous { a href=(within_site(previous)) rel="prev" { (before) } }
                @if let Some(next) = &list.next { a href=(within_site(next)) rel="next" { (after) } }
            }
        }
    }
}

/// Path and query of an address. Programs are told a whole one; a browser stays at the address under
/// which it got the page, whatever the service is told about its own.
fn within_site(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.find('/').map_or("/", |path| &rest[path..])
}

#[cfg(test)]
mod tests {
    use super::within_site;

    #[test]
    fn a_page_of_a_list_is_on_the_site_that_shows_it() {
        for (address, here) in [
            ("https://notify.example/alerts?limit=5", "/alerts?limit=5"),
            ("http://localhost:8000/alerts", "/alerts"),
            ("notify.example/alerts?a=/b", "/alerts?a=/b"),
            ("https://notify.example", "/"),
        ] {
            assert_eq!(within_site(address), here);
        }
    }
}
