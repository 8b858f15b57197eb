//! Endpoints that are written only if they answer well, as DefectDojo's pages have it
//! (`notifications/ui/views.py`).

use store::browse::PeopleFilter;
use store::{Endpoint, SecretChange, Window};

use super::actions::{Pinged, try_out};
use super::{NAME, Webhook, add, found, guard_secret, store, written};
use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::content::Fields;

/// Adds an endpoint that answers well to a ping.
pub(crate) async fn add_tried(
    app: &App,
    caller: &Caller,
    Fields(fields): Fields,
) -> Result<(Webhook, Pinged), Refusal> {
    let form = written(app, caller, &Webhook::default(), fields).await?;
    let bare = Endpoint {
        id: 0,
        name: String::new(),
        url: String::new(),
        header_name: None,
        header_value: None,
        signing_secrets: Vec::new(),
        owner: None,
    };
    let pinged = try_out(app, &as_written(app, bare, &form).await?).await?;
    Ok((add(app, caller, form).await?, pinged))
}

/// Changes an endpoint, and activates it, if it answers well to a ping as it is to be.
pub(crate) async fn change_tried(
    app: &App,
    caller: &Caller,
    id: i64,
    Fields(fields): Fields,
) -> Result<(Webhook, Pinged), Refusal> {
    let base = found(app, caller, id).await?;
    let form = written(app, caller, &base, fields).await?;
    guard_secret(&base, &form)?;
    let stored = app.store.webhook_endpoint(id).await?;
    let stored = stored.ok_or(Refusal::NotFound(NAME))?;
    let pinged = try_out(app, &as_written(app, stored, &form).await?).await?;
    let written = store(app, caller, &base, form).await?;
    app.store.activate_webhook(written.id).await?;
    Ok((found(app, caller, id).await?, pinged))
}

/// The endpoint that a form makes of another.
async fn as_written(app: &App, base: Endpoint, form: &Webhook) -> Result<Endpoint, Refusal> {
    let owner = match form.owner {
        None => None,
        Some(id) => {
            let filter = PeopleFilter {
                id: Some(id),
                ..PeopleFilter::default()
            };
            app.store.people_page(&filter, Window::ONE).await?.first()
        }
    };
    Ok(Endpoint {
        name: form.name.clone(),
        url: form.url.clone(),
        header_name: form.header_name.clone().filter(|name| !name.is_empty()),
        header_value: match form.header_value.clone().change() {
            SecretChange::Leave => base.header_value,
            SecretChange::Clear => None,
            SecretChange::Set(value) => Some(value),
        },
        owner,
        ..base
    })
}
