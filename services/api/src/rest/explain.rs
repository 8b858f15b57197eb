//! Why an event would reach whom it would reach. Superusers ask about everybody, others about
//! themselves.

use std::future;

use axum::Json;
use axum::extract::State;
use chrono::Utc;
use proto_events::Event;
use rules::{Answer, Of};

use super::content::Content;
use super::query::Query;
use super::route::Route;
use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post(
            "/explain/",
            "Who would be told of an event, through which channels, and why; nothing is sent",
            explain,
        )
        .filters(&[
            (
                "user",
                "Only what this user is told, by username; also if they are not asked at all.",
            ),
            (
                "destination",
                "Only what this destination with a filter is told, by name.",
            ),
        ])
        .takes::<Event>()
        .gives::<Answer>(),
    ]
}

async fn explain(
    State(app): State<App>,
    caller: Caller,
    query: Query,
    Content(body): Content,
) -> Result<Json<Answer>, Refusal> {
    let (user, destination): (Option<String>, Option<String>) =
        (query.get("user")?, query.get("destination")?);
    let answer = answer(
        &app,
        &caller,
        &body,
        user.as_deref(),
        destination.as_deref(),
    );
    Ok(Json(answer.await?))
}

/// Why an event, as it is written, would reach a user, a destination, or everybody.
pub(crate) async fn answer(
    app: &App,
    caller: &Caller,
    event: &[u8],
    user: Option<&str>,
    destination: Option<&str>,
) -> Result<Answer, Refusal> {
    let event = Event::parse(event).map_err(|problem| Refusal::general(problem.to_string()))?;
    let (user, destination) = match (user, destination) {
        (user, destination) if caller.superuser => (user, destination),
        (user, None) if user.is_none_or(|name| name == caller.username) => {
            (Some(caller.username.as_str()), None)
        }
        _ => return Err(Refusal::Forbidden),
    };
    let field = if user.is_some() {
        "user"
    } else {
        "destination"
    };
    let named = (user.map(str::to_owned), destination.map(str::to_owned));
    let policy = app.policy.clone();
    let answer = app.with_directory(future::ready(Ok(event)), move |directory, event| {
        let of = match &named {
            (Some(user), _) => Of::User(user),
            (None, Some(destination)) => Of::Destination(destination),
            (None, None) => Of::Everybody,
        };
        Answer::new(directory, &policy, &event, of, Utc::now())
    });
    let answer = answer.await?;
    let mut answer = answer.map_err(|nobody| Refusal::field(field, nobody.to_string()))?;
    if !caller.superuser {
        // Notes tell which people and products there are, of whatever an event names.
        answer.notes.clear();
    }
    Ok(answer)
}
