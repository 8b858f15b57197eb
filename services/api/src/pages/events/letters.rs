//! What was given up of an event, and sending it again.

use maud::{Markup, html};

use super::address;
use super::story::Story;
use crate::pages::component::{moment, quoted};
use crate::pages::dead_letters::{self, actions, state};
use crate::pages::outcome::{plain, why};

/// Its dead letters.
pub(super) fn section(story: &Story) -> Markup {
    let (letters, count) = &story.letters;
    let back = address(&story.source, &story.id);
    html! {
        @if !letters.is_empty() {
            section aria-labelledby="letters" {
                h2 #letters { "Dead letters " span.soft { "(" (count) ")" } }
                ul.letters { @for letter in letters {
                    li.card {
                        h3 { a href=(dead_letters::address(letter.id)) { (letter.service) ": " (why(letter.reason)) } " " (state(letter)) }
                        p.detail { (plain(&letter.detail)) }
                        p.soft { "Filed " (moment(letter.filed_at)) }
                        (actions(letter, &back))
                    }
                } }
                @let shown = i64::try_from(letters.len()).unwrap_or(i64::MAX);
                @if *count > shown {
                    p { a href={ (dead_letters::PATH) "?event=" (quoted(&story.id)) } { "All dead letters of events with this id" } }
                }
            }
        }
    }
}
