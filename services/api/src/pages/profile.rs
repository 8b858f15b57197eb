//! Who one is here, one's tokens, and when one hears of what one is told.
//!
//! | module | what it is for |
//! |---|---|
//! | `tokens` | made, listed, revoked |
//! | `timetable` | digests and quiet hours |

mod timetable;
mod tokens;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};

use super::Answer;
use super::layout::Section;
use super::visitor::Visitor;
use crate::app::App;
use crate::refusal::{Errors, Refusal};
use crate::rest::timetable::Chosen;
use crate::rest::users::{self, Profile};

/// Where the page is.
pub(super) const PATH: &str = "/profile";

/// Where a token is made.
const TOKENS: &str = "/profile/tokens";

/// Where one is revoked.
const REVOKE: &str = "/profile/tokens/revoke";

/// Where a timetable is chosen.
const TIMETABLE: &str = "/profile/timetable";

/// Where it is removed.
const AT_ONCE: &str = "/profile/timetable/remove";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(look))
        .route(TOKENS, post(tokens::make))
        .route(REVOKE, post(tokens::revoke))
        .route(TIMETABLE, post(timetable::choose))
        .route(AT_ONCE, post(timetable::remove))
}

async fn look(State(app): State<App>, visitor: Visitor) -> Answer {
    Ok(page(&app, &visitor, None, None).await?)
}

/// The page; with what was refused of the form for a token or for the timetable.
async fn page(
    app: &App,
    visitor: &Visitor,
    token: Option<(&str, &Errors)>,
    chosen: Option<(&Chosen, &Errors)>,
) -> Result<Response, Refusal> {
    let caller = &visitor.caller;
    let profile = users::profile(State(app.clone()), caller.clone()).await?.0;
    let all = app.store.tokens(Some(&caller.username)).await?;
    let content = html! {
        h1 { "Profile" }
        (about(&profile))
        h2 #tokens { "Tokens" }
        (tokens::card(&all, token))
        h2 #timetable { "Digests and quiet hours" }
        (timetable::card(app, caller, chosen).await?)
    };
    Ok(visitor.page(Section::Profile, "Profile", &content))
}

fn about(profile: &Profile) -> Markup {
    let (person, contact) = (&profile.user, &profile.user_contact_info);
    let name = format!("{} {}", person.first_name, person.last_name);
    let slack = contact.slack_username.as_deref().unwrap_or_default();
    let facts = [
        ("Username", person.username.as_str(), ""),
        ("Name", name.trim(), "not known"),
        (
            "Mail address",
            person.email.as_str(),
            "none: no mail reaches you",
        ),
        ("Slack account", slack, "none: you are not reached in Slack"),
    ];
    html! {
        div.card.about {
            dl {
                @for (label, value, otherwise) in facts {
                    div {
                        dt { (label) }
                        dd { @if value.is_empty() { span.soft { (otherwise) } } @else { (value) } }
                    }
                }
                div { dt { "Rights" } dd { @if person.is_superuser { "superuser: everything" } @else { "your own notifications, and those of products that you may see" } } }
            }
            p.help { "These are DefectDojo's, and are changed there." }
        }
    }
}
