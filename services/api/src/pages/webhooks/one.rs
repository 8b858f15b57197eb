//! Everything about one endpoint.

use axum::extract::State;
use axum::http::StatusCode;
use maud::{Markup, html};
use store::browse::Backlog;

use super::new::answered;
use super::settings::{self, Written};
use super::{PATH, address, log, owner, secret, standing};
use crate::app::App;
use crate::pages::component::{ask, complaints, moment};
use crate::pages::form::{Form, mendable};
use crate::pages::layout::Section;
use crate::pages::outcome::plain;
use crate::pages::visitor::Visitor;
use crate::pages::{Answer, dead_letters, said};
use crate::refusal::{Errors, Refusal};
use crate::rest::notification_webhooks::detail::{self, Detail};
use crate::rest::notification_webhooks::tried::change_tried;
use crate::rest::path::Id;

/// What was refused of what a person did on the page.
#[derive(Debug, Default)]
pub(super) struct Refused {
    status: StatusCode,
    /// Of an action.
    action: Errors,
    /// Of the form, and what was written there.
    form: Errors,
    written: Option<Form>,
}

pub(super) async fn look(
    State(app): State<App>,
    visitor: Visitor,
    id: Result<Id, Refusal>,
) -> Answer {
    page(&app, &visitor, id?.0, Refused::default()).await
}

pub(super) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    id: Result<Id, Refusal>,
    form: Form,
) -> Answer {
    let id = id?.0;
    // Whose endpoint it is comes before what is wrong with the form.
    let now = detail::read(&app, &visitor.caller, id).await?.webhook;
    let changing = async {
        form.supposes(&now.version)?;
        let fields = settings::fields(&app, &visitor, &form).await?;
        change_tried(&app, &visitor.caller, id, fields).await
    };
    match changing.await {
        Ok((_, pinged)) => {
            let sentence = format!("Saved, and active. {}", answered(&pinged));
            Ok(said::then(&app, &address(id), &sentence))
        }
        Err(refusal) => {
            let (status, errors) = mendable(refusal)?;
            let refused = Refused {
                status,
                form: errors,
                written: Some(form),
                ..Refused::default()
            };
            page(&app, &visitor, id, refused).await
        }
    }
}

/// The page, where an action came to its end: a sentence says so, or why it did not.
pub(super) async fn done<T>(
    app: &App,
    visitor: &Visitor,
    id: i64,
    result: Result<T, Refusal>,
    sentence: &str,
) -> Answer {
    match result {
        Ok(_) => Ok(said::then(app, &address(id), sentence)),
        Err(refusal) => refused(app, visitor, id, refusal).await,
    }
}

/// The page, where an action was refused.
pub(super) async fn refused(app: &App, visitor: &Visitor, id: i64, refusal: Refusal) -> Answer {
    let (status, action) = mendable(refusal)?;
    let refused = Refused {
        status,
        action,
        ..Refused::default()
    };
    page(app, visitor, id, refused).await
}

async fn page(app: &App, visitor: &Visitor, id: i64, refused: Refused) -> Answer {
    let detail = detail::read(app, &visitor.caller, id).await?;
    let webhook = &detail.webhook;
    let written = match &refused.written {
        Some(form) => Written::sent(form, Some(webhook)),
        None => Written::stored(webhook),
    };
    let people = settings::people(app, visitor).await?;
    let name = plain(&webhook.name);
    let here = address(id);
    let content = html! {
        p { a href=(PATH) { "← All endpoints" } }
        div.row { h1 { (name) } (standing::badge(webhook)) }
        (super::switched_off(app, visitor).await?)
        (state(visitor, &detail, &refused.action))
        h2 #settings { "Settings" }
        (settings::form(visitor, &written, &people, &refused.form, (&here, "Ping and save")))
        h2 #signing { "Signing secret" }
        (secret::card(webhook))
        h2 #deliveries { "Last deliveries" }
        (log::deliveries(&detail))
        h2 #history { "History" }
        (log::history(&detail))
    };
    Ok(visitor.answer(refused.status, Section::Webhooks, &name, &content))
}

/// Where it stands, and what can be done about it.
fn state(visitor: &Visitor, detail: &Detail, errors: &Errors) -> Markup {
    let webhook = &detail.webhook;
    let here = address(webhook.id);
    let question = format!(
        "Remove the endpoint “{}” for good? What waits for it is given up.",
        plain(&webhook.name)
    );
    let is_off = webhook.status == "inactive_permanent";
    html! {
        div.card {
            (complaints(errors))
            p { (standing::sentence(webhook)) }
            dl.standing {
                dt { "URL" } dd { code { (plain(&webhook.url)) } }
                dt { "Owner" } dd { (owner(webhook)) }
                dt { "Status" } dd { code { (webhook.status) } }
                @if let Some(note) = &webhook.note { dt { "Note" } dd { (plain(note)) } }
                @if let Some(first) = webhook.first_error { dt { "First error" } dd { (moment(first)) } }
                @if let Some(last) = webhook.last_error { dt { "Last error" } dd { (moment(last)) } }
            }
            (backlog(visitor, detail.backlog))
            div.row {
                form method="post" action={ (here) "/ping" } { button.quiet { "Send a ping" } }
                @if webhook.status != "active" {
                    form method="post" action={ (here) "/activate" } { button.quiet { "Ping and activate" } }
                }
                @if !is_off {
                    form method="post" action={ (here) "/deactivate" } { button.quiet { "Deactivate" } }
                }
                (ask("remove", "Remove", &question, &format!("{here}/remove"), &html! {}))
            }
        }
    }
}

fn backlog(visitor: &Visitor, backlog: Backlog) -> Markup {
    html! {
        @if backlog.waiting > 0 { p { (counted(backlog.waiting)) " in its line." } }
        @if backlog.dead > 0 {
            p {
                (counted(backlog.dead)) " in the dead letters. "
                @if visitor.caller.superuser {
                    a href={ (dead_letters::PATH) "?reason=endpoint_inactive" } { "Look at those of all endpoints, and send them again" }
                } @else { "An administrator can send them again." }
            }
        }
        @if backlog.not_kept > 0 {
            p { (counted(backlog.not_kept)) " given up and not kept, since too many lay there already." }
        }
    }
}

/// So many messages, and what they are about to do.
fn counted(count: i64) -> String {
    match count {
        1 => "1 message is".to_owned(),
        count => format!("{count} messages are"),
    }
}
