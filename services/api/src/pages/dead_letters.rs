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
use uuid::Uuid;

use super::component::ask_about;
use super::outcome::why;
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
    let hidden = html! { input type="hidden" name="back" value=(back); };
    let again = html! { (hidden) input type="hidden" name="again" value="true"; };
    let second = "It has arrived meanwhile. It would arrive a second time, under a new id.";
    let discard = "Is it not needed any more? It stays in the list of those that were dealt with.";
    html! {
        div.row {
            @if letter.state == "arrived" {
                (action(letter, "Send a second time", second, "replay", &again))
            } @else {
                (action(letter, "Send again", question(letter), "replay", &hidden))
            }
            @if letter.resolved_at.is_none() { (action(letter, "Discard", discard, "discard", &hidden)) }
        }
    }
}

/// A button that asks about one letter; several letters may stand on a page.
fn action(letter: &Letter, label: &str, question: &str, what: &str, hidden: &Markup) -> Markup {
    let (id, action) = (
        format!("{what}-{}", letter.id),
        format!("{}/{what}", address(letter.id)),
    );
    let filed = letter.filed_at.format("%Y-%m-%d %H:%M");
    let name = format!("{label}: {}, {filed}", why(letter.reason));
    ask_about(&id, label, &name, question, &action, hidden)
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
