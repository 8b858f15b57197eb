//! What was given up, and sending it again. For superusers.
//!
//! | module | what it is for |
//! |---|---|
//! | `list` | looking for letters |
//! | `one` | a letter with what is in it |
//! | `resend` | sending again or discarding, one or those that were chosen |

mod list;
mod one;
mod resend;

use axum::Router;
use axum::routing::{get, post};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use super::component::ask;
use crate::app::App;
use crate::rest::dead_letters::Letter;

/// Where the page is.
pub(super) const PATH: &str = "/dead-letters";

/// Where a letter is.
const ONE: &str = "/dead-letters/{id}";

/// Where those that were chosen are dealt with.
const CHOSEN: &str = "/dead-letters/chosen";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(list::look))
        .route(CHOSEN, post(resend::chosen))
        .route(ONE, get(one::look))
        .route("/dead-letters/{id}/replay", post(resend::replay))
        .route("/dead-letters/{id}/discard", post(resend::discard))
}

/// The address of a letter.
pub(super) fn address(id: Uuid) -> String {
    format!("{PATH}/{id}")
}

/// A text as a query takes it.
pub(super) fn quoted(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Where a letter stands.
pub(super) fn state(letter: &Letter) -> Markup {
    let (class, words) = match letter.state.as_str() {
        "waiting" => ("state bad", "waits"),
        "arrived" => ("state good", "arrived meanwhile"),
        "replayed" => ("state good", "sent again"),
        "discarded" => ("state", "discarded"),
        other => ("state", other),
    };
    html! { span class=(class) { (words) } }
}

/// What can be done with a letter. `back` is the page that is shown afterwards.
pub(super) fn actions(letter: &Letter, back: &str) -> Markup {
    let at = address(letter.id);
    let hidden = html! { input type="hidden" name="back" value=(back); };
    let again = html! { (hidden) input type="hidden" name="again" value="true"; };
    html! {
        div.row {
            @if letter.state == "arrived" {
                (ask(&format!("again-{}", letter.id), "Send a second time",
                    "It has arrived meanwhile. It would arrive a second time, under a new id.",
                    &format!("{at}/replay"), &again))
            } @else {
                (ask(&format!("replay-{}", letter.id), "Send again", question(letter), &format!("{at}/replay"), &hidden))
            }
            @if letter.resolved_at.is_none() {
                (ask(&format!("discard-{}", letter.id), "Discard", "Is it not needed any more? It stays in the list of those that were dealt with.",
                    &format!("{at}/discard"), &hidden))
            }
        }
    }
}

fn question(letter: &Letter) -> &'static str {
    match letter.state.as_str() {
        "replayed" => {
            "It was sent again before. Send it once more? What had arrived is not sent a second time unless you say so."
        }
        "discarded" => "It was discarded. Send it after all?",
        _ => "Send it again? It is tried as if it were new.",
    }
}
