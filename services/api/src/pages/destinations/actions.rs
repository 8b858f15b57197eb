//! Removing and trying a destination.

use axum::extract::State;
use proto_events::JobId;
use proto_events::outcome::State as Standing;
use serde_json::{Map, Value};
use store::browse::ListedDelivery;
use url::form_urlencoded;

use super::keep::read;
use super::{PATH, title};
use crate::access::Superuser;
use crate::app::App;
use crate::pages::form::Form;
use crate::pages::outcome::{plain, why};
use crate::pages::visitor::Visitor;
use crate::pages::{Answer, said, sent};
use crate::refusal::Refusal;
use crate::rest::content::Fields;
use crate::rest::path::Id;
use crate::rest::{destinations, test_send};

pub(super) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    id: Result<Id, Refusal>,
) -> Answer {
    let it = read(&app, &visitor, id).await?;
    let superuser = Superuser::of(&visitor.caller)?;
    destinations::remove(State(app.clone()), superuser, Id(it.id)).await?;
    let sentence = format!("“{}” is removed.", plain(&title(&it)));
    Ok(said::then(&app, PATH, &sentence))
}

/// Sends a test message, and comes back to the part of the list where it was asked for.
pub(super) async fn test(
    State(app): State<App>,
    visitor: Visitor,
    id: Result<Id, Refusal>,
    form: Form,
) -> Answer {
    let it = read(&app, &visitor, id).await?;
    let mut wanted = Map::new();
    wanted.insert("destination".to_owned(), Value::from(it.id));
    let (_, sent) = test_send::send(State(app.clone()), visitor.caller, Fields(wanted)).await?;
    let job = sent.0.job.parse().map_err(anyhow::Error::from);
    let job: JobId = job.map_err(Refusal::Broken)?;
    let last = sent::last(&app, &[job]).await?.pop();
    let sentence = came(&plain(&title(&it)), last.and_then(|(_, attempt)| attempt));
    // Written anew, so that nothing else gets into the address.
    let pairs = form_urlencoded::parse(form.text("query").trim_start_matches('?').as_bytes());
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    Ok(said::then(&app, &format!("{PATH}?{query}"), &sentence))
}

/// What came of a test message so far.
fn came(name: &str, last: Option<ListedDelivery>) -> String {
    let Some(attempt) = last.filter(|attempt| attempt.state != Standing::Claimed) else {
        return format!(
            "A test message to “{name}” is on its way; Deliveries tell what becomes of it."
        );
    };
    let why = attempt.reason.map_or("", why);
    let detail = plain(attempt.detail.as_deref().unwrap_or(""));
    match attempt.state {
        Standing::Delivered | Standing::Accepted => format!("“{name}” has taken the test message."),
        Standing::Retrying => {
            format!(
                "“{name}” has not taken the test message yet: {why}. It is tried again. {detail}"
            )
        }
        Standing::Claimed | Standing::Dead => {
            format!("“{name}” did not get the test message: {why}. {detail}")
        }
    }
}
