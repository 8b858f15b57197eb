//! What was given up: to look at, to send again, to discard. For superusers.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use delivery::replay::{self, Plan};
use proto_events::{Reason, Service};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Kind, LetterFilter, LetterHead, Resolution, Window};
use uuid::Uuid;

use super::content::Fields;
use super::form::overlay;
use super::path::Id;
use super::query::{List, PAGING, Query};
use super::route::Route;
use crate::access::Superuser;
use crate::app::App;
use crate::refusal::Refusal;

/// A message that was given up.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Letter {
    pub(crate) id: Uuid,
    /// Who gave it up.
    pub(crate) service: String,
    /// The job, if it could be read as one.
    pub(crate) job: Option<String>,
    pub(crate) event_source: Option<String>,
    pub(crate) event_id: Option<String>,
    /// Why.
    pub(crate) reason: Reason,
    /// What was seen.
    pub(crate) detail: String,
    /// Length of the body.
    pub(crate) body_bytes: i32,
    pub(crate) filed_at: DateTime<Utc>,
    /// waiting, arrived (by another way, meanwhile), replayed or discarded.
    pub(crate) state: String,
    pub(crate) resolved_at: Option<DateTime<Utc>>,
}

/// A letter with what was in it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Whole {
    #[serde(flatten)]
    pub(crate) letter: Letter,
    /// The message's headers.
    pub(crate) headers: Value,
    /// The message's body, as text; null if somebody dealt with the letter this moment.
    pub(crate) body: Option<String>,
}

/// How to send again.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Consent {
    /// Also if it has arrived meanwhile: it then arrives a second time, under a new id.
    again: bool,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/dead_letters/",
            "What was given up, the newest first",
            list,
        )
        .filters(&PAGING)
        .filters(&[
            (
                "resolved",
                "Those that somebody dealt with, or those that wait; without it, both.",
            ),
            ("service", "Given up by this service."),
            ("reason", "Given up for this reason."),
            ("event", "Of the event of this id."),
            ("job", "Of this job and its replays."),
            ("since", "Filed then or later."),
            ("until", "Filed then or earlier."),
        ])
        .gives::<List<Letter>>(),
        Route::get("/dead_letters/{id}/", "One letter with its body", read).gives::<Whole>(),
        Route::post("/dead_letters/{id}/replay/", "Send it again", send)
            .takes::<Consent>()
            .gives::<Letter>()
            .with(StatusCode::ACCEPTED),
        Route::post(
            "/dead_letters/{id}/discard/",
            "It is not needed any more",
            discard,
        )
        .gives::<Letter>(),
    ]
}

pub(crate) async fn list(
    State(app): State<App>,
    _: Superuser,
    query: Query,
) -> Result<Json<List<Letter>>, Refusal> {
    let window = query.window()?;
    let filter = LetterFilter {
        kind: match query.get("resolved")? {
            Some(true) => Kind::Resolved,
            Some(false) => Kind::Waiting,
            None => Kind::Any,
        },
        ids: None,
        service: query.get::<Service>("service")?,
        reason: query.get("reason")?,
        since: query.get("since")?,
        until: query.get("until")?,
        event: query.get("event")?,
        event_source: None,
        job: query.get("job")?,
    };
    let page = app.store.letters_page(&filter, window).await?;
    Ok(Json(query.list(window, page)))
}

pub(crate) async fn read(
    State(app): State<App>,
    _: Superuser,
    Id(id): Id<Uuid>,
) -> Result<Json<Whole>, Refusal> {
    let head = found(&app, id).await?;
    let body = app.store.letter_body(&head).await?;
    Ok(Json(Whole {
        headers: head.headers.clone(),
        letter: head.into(),
        body: body.map(|body| String::from_utf8_lossy(&body).into_owned()),
    }))
}

pub(crate) async fn send(
    State(app): State<App>,
    _: Superuser,
    Id(id): Id<Uuid>,
    Fields(fields): Fields,
) -> Result<(StatusCode, Json<Letter>), Refusal> {
    let Consent { again } = overlay(&Consent::default(), fields, &[])?;
    let head = found(&app, id).await?;
    let outgoing = match replay::planned(&app.store, app.names(), &head).await? {
        None => return Err(Refusal::changed()),
        Some(Plan::Send(outgoing)) => outgoing,
        Some(Plan::Again(outgoing)) if again => outgoing,
        Some(Plan::Again(_)) => {
            return Err(Refusal::field(
                "again",
                "It has arrived meanwhile; true sends it a second time, under a new id.",
            ));
        }
        Some(Plan::Impossible(why)) => return Err(Refusal::general(why)),
    };
    app.publish(&[outgoing]).await?;
    let letter = resolved(&app, &head, Resolution::Replayed).await?;
    Ok((StatusCode::ACCEPTED, Json(letter)))
}

pub(crate) async fn discard(
    State(app): State<App>,
    _: Superuser,
    Id(id): Id<Uuid>,
) -> Result<Json<Letter>, Refusal> {
    let head = found(&app, id).await?;
    Ok(Json(resolved(&app, &head, Resolution::Discarded).await?))
}

async fn resolved(app: &App, head: &LetterHead, how: Resolution) -> Result<Letter, Refusal> {
    app.store.resolve(std::slice::from_ref(head), how).await?;
    Ok(found(app, head.id).await?.into())
}

/// A letter without its body.
pub(crate) async fn found(app: &App, id: Uuid) -> Result<LetterHead, Refusal> {
    let filter = LetterFilter {
        kind: Kind::Any,
        ids: Some(vec![id]),
        ..LetterFilter::default()
    };
    let letter = app.store.letters_page(&filter, Window::ONE).await?.first();
    letter.ok_or(Refusal::NotFound("dead letter"))
}

impl From<LetterHead> for Letter {
    fn from(head: LetterHead) -> Self {
        let state = match head.resolved {
            Some((_, how)) => how.as_str(),
            None if head.arrived => "arrived",
            None => "waiting",
        };
        let (event_source, event_id) = head.event.unzip();
        Self {
            id: head.id,
            service: head.service.to_string(),
            job: head.job.map(|job| job.to_string()),
            event_source,
            event_id,
            reason: head.reason,
            detail: head.detail,
            body_bytes: head.body_bytes,
            filed_at: head.created_at,
            state: state.to_owned(),
            resolved_at: head.resolved.map(|(at, _)| at),
        }
    }
}
