//! Trying an endpoint, switching it on and off, removing it.

use axum::extract::State;

use super::new::answered;
use super::{PATH, address, one};
use crate::app::App;
use crate::pages::outcome::plain;
use crate::pages::visitor::Visitor;
use crate::pages::{Answer, said};
use crate::refusal::Refusal;
use crate::rest::notification_webhooks::{self, actions};
use crate::rest::path::Id;

pub(super) async fn ping(
    State(app): State<App>,
    visitor: Visitor,
    id: Result<Id, Refusal>,
) -> Answer {
    let id = id?.0;
    match actions::ping(State(app.clone()), visitor.caller.clone(), Id(id)).await {
        Ok(pinged) => Ok(said::then(&app, &address(id), &answered(&pinged))),
        Err(refusal) => one::refused(&app, &visitor, id, refusal).await,
    }
}

pub(super) async fn activate(
    State(app): State<App>,
    visitor: Visitor,
    id: Result<Id, Refusal>,
) -> Answer {
    let id = id?.0;
    let active = actions::activate(State(app.clone()), visitor.caller.clone(), Id(id)).await;
    let sentence = "It answered the ping, and is active: messages are sent again.";
    one::done(&app, &visitor, id, active, sentence).await
}

pub(super) async fn deactivate(
    State(app): State<App>,
    visitor: Visitor,
    id: Result<Id, Refusal>,
) -> Answer {
    let id = id?.0;
    let off = actions::deactivate(State(app.clone()), visitor.caller, Id(id)).await?;
    let sentence = format!(
        "“{}” is switched off: no messages are made for it until you activate it.",
        plain(&off.name)
    );
    Ok(said::then(&app, &address(id), &sentence))
}

pub(super) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    id: Result<Id, Refusal>,
) -> Answer {
    notification_webhooks::remove(State(app.clone()), visitor.caller, id?).await?;
    Ok(said::then(&app, PATH, "The endpoint is removed."))
}
