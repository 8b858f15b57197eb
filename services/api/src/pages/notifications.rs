//! Which events reach whom through which channels.
//!
//! | module | what it is for |
//! |---|---|
//! | `scope` | whose rule a page is about |
//! | `values` | what stands in the form |
//! | `matrix` | the form, shown |
//! | `words` | what the columns mean |
//! | `preview` | what would have reached somebody lately |
//! | `table` | that, as a page |
//! | `products` | the products that somebody can have a rule for |

mod matrix;
mod preview;
mod products;
mod scope;
mod table;
mod values;
mod words;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::html;
use proto_events::Channel;

use super::component::{ask, complaints};
use super::form::{Form, mendable};
use super::layout::Section;
use super::trouble::Trouble;
use super::visitor::Visitor;
use super::{Answer, said};
use crate::app::App;
use crate::refusal::{Errors, Refusal};
use crate::rest::notifications;
use crate::rest::path::Id;
use matrix::Sheet;
use preview::Preview;
use scope::{Asked, Scope};
use values::Values;

/// Where the page is.
pub(super) const PATH: &str = "/notifications";

/// Where a product is chosen.
const PRODUCTS: &str = "/notifications/product";

pub(super) fn router() -> Router<App> {
    let one = || get(look).post(save);
    Router::new()
        .route(PATH, one())
        .route("/notifications/{scope}", one())
        .route("/notifications/{scope}/remove", post(remove))
        .route(PRODUCTS, get(products::look))
        .route("/notifications/product/{product}", one())
        .route("/notifications/product/{product}/remove", post(remove))
}

async fn look(State(app): State<App>, Asked { visitor, scope }: Asked) -> Answer {
    let rule = scope.stored(&app, &visitor.caller).await?;
    let values = Values::stored(rule.as_ref(), &scope);
    page(&app, &visitor, &scope, &values, &Errors::default()).await
}

async fn save(State(app): State<App>, Asked { visitor, scope }: Asked, form: Form) -> Answer {
    let (state, caller) = (State(app.clone()), visitor.caller.clone());
    let rule = scope.stored(&app, &caller).await?;
    let values = Values::written(&form, rule.as_ref(), &scope);
    let fields = values.fields(&scope, caller.id);
    let saved = match &rule {
        Some(rule) => {
            let changed = notifications::change(state, caller, Id(rule.id), fields);
            changed.await.map(drop)
        }
        None => notifications::create(state, caller, fields).await.map(drop),
    };
    let Err(refusal) = saved else {
        let sentence = "Saved. It counts from the next event on.";
        return Ok(said::then(&app, &scope.path(), sentence));
    };
    let (status, errors) = mendable(refusal)?;
    let page = page(&app, &visitor, &scope, &values, &errors).await?;
    Ok((status, page).into_response())
}

async fn remove(State(app): State<App>, Asked { visitor, scope }: Asked) -> Answer {
    let removed = scope.removed().ok_or(Refusal::NoPath)?;
    let sentence = match scope.stored(&app, &visitor.caller).await? {
        Some(rule) => {
            let (state, caller) = (State(app.clone()), visitor.caller);
            notifications::remove(state, caller, Id(rule.id)).await?;
            removed
        }
        None => "There was no rule to remove.",
    };
    Ok(said::then(&app, &scope.path(), sentence))
}

async fn page(
    app: &App,
    visitor: &Visitor,
    scope: &Scope,
    values: &Values,
    errors: &Errors,
) -> Result<Response, Trouble> {
    let enabled = app.store.delivery_settings().await?.settings.enabled();
    let (offered, off): (Vec<Channel>, Vec<Channel>) = Channel::ALL
        .into_iter()
        .filter(|channel| scope.may_have(*channel))
        .partition(|channel| enabled.contains(*channel));
    let preview = Preview::of(app, &visitor.caller, scope).await?;
    let is_superuser = visitor.caller.superuser;
    let sheet = Sheet {
        scope,
        values,
        errors,
        offered: &offered,
        off: &off,
        is_superuser,
    };
    let content = html! {
        h1 { "Notifications" }
        (scope::tabs(Some(scope), is_superuser))
        h2.first { (scope.title()) }
        (scope.explained(&app.policy, is_superuser))
        (complaints(errors))
        @if errors.any() { p.error role="alert" { "Nothing was saved. What is wrong with a line stands below its name; mend it, and save again." } }
        div.rules {
            (sheet.form())
            @if let Some(preview) = &preview { (table::shown(preview, scope, is_superuser)) }
        }
        @if let (true, Some(question)) = (values.is_stored, scope.question()) {
            (ask("remove", "Remove this rule", &question, &format!("{}/remove", scope.path()), &html! {}))
        }
    };
    Ok(visitor.page(Section::Notifications, "Notifications", &content))
}
