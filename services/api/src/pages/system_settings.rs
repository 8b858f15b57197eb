//! System Settings: what holds for everybody, and a test beside each channel.
//!
//! | module | what it is for |
//! |---|---|
//! | `groups` | the settings, group by group |
//! | `values` | what stands in the form |
//! | `variables` | what is set where the service is started, and only shown |

mod groups;
mod values;
mod variables;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use proto_events::{Channel, JobId};
use serde_json::Map;

use super::component::complaints;
use super::form::{Form, VERSION, mendable};
use super::layout::Section;
use super::visitor::Visitor;
use super::{Answer, said, sent};
use crate::access::Superuser;
use crate::app::App;
use crate::refusal::{Errors, Refusal};
use crate::rest::content::Fields;
use crate::rest::path::Id;
use crate::rest::query::Query;
use crate::rest::{system_settings, test_send};
use groups::{Page, Tested};
use values::Values;

/// Where the page is.
pub(super) const PATH: &str = "/system-settings";

/// Where a test message is sent.
const TEST: &str = "/system-settings/test";

/// To how many places of a channel a test goes at most.
const MOST: usize = 5;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(look).post(change))
        .route(TEST, post(test))
}

async fn look(State(app): State<App>, visitor: Visitor, query: Query) -> Answer {
    Superuser::of(&visitor.caller)?;
    let channel = query.get::<Channel>("channel")?;
    let jobs: Vec<JobId> = query.text("sent").split(',').flat_map(str::parse).collect();
    let jobs = &jobs[..jobs.len().min(MOST)];
    let tested = match channel.filter(|_| !jobs.is_empty()) {
        Some(channel) => Some(Tested {
            channel,
            outcomes: sent::last(&app, jobs).await?,
        }),
        None => None,
    };
    let (values, errors) = (Values::stored(&app).await?, Errors::default());
    Ok(page(&app, &visitor, &values, &errors, tested.as_ref()))
}

async fn change(State(app): State<App>, visitor: Visitor, form: Form) -> Answer {
    let superuser = Superuser::of(&visitor.caller)?;
    let values = Values::stored(&app).await?;
    let fields = form
        .supposes(&values.version)
        .and_then(|()| values::fields(&form));
    let refused = match fields {
        Ok(fields) => {
            let change = system_settings::change;
            let id = Id(system_settings::ID);
            match change(State(app.clone()), superuser, id, fields).await {
                Ok(_) => return Ok(said::then(&app, PATH, "System Settings are saved.")),
                Err(refusal) => refusal,
            }
        }
        Err(refusal) => refusal,
    };
    let (status, errors) = mendable(refused)?;
    let values = Values::stored(&app).await?.with(&form);
    let page = page(&app, &visitor, &values, &errors, None);
    Ok((status, page).into_response())
}

/// Sends a test message to the system's own places on a channel.
async fn test(State(app): State<App>, visitor: Visitor, form: Form) -> Answer {
    Superuser::of(&visitor.caller)?;
    let channel: Result<Channel, _> = form.text("channel").parse();
    let channel = channel.map_err(|_| Refusal::field("channel", "There is no such channel."))?;
    let places = app.store.destinations_of(channel, None).await?;
    if places.is_empty() {
        let sentence = format!("Nothing was sent: {}.", groups::missing(channel));
        return Ok(said::then(&app, PATH, &sentence));
    }
    let mut jobs = Vec::new();
    for place in places.into_iter().take(MOST) {
        let to = Fields(Map::from_iter([("destination".to_owned(), place.into())]));
        let sent = test_send::send(State(app.clone()), visitor.caller.clone(), to).await?;
        jobs.push(sent.1.0.job);
    }
    let jobs = jobs.join(",");
    let outcome = format!("{PATH}?channel={channel}&sent={jobs}#test-{channel}");
    Ok(Redirect::to(&outcome).into_response())
}

fn page(
    app: &App,
    visitor: &Visitor,
    values: &Values,
    errors: &Errors,
    tested: Option<&Tested>,
) -> Response {
    let groups = Page {
        config: &app.config,
        values,
        errors,
        tested,
    };
    let content = html! {
        h1 { "System Settings" }
        p.soft { "What holds for everybody. A change is in force at once, without a restart." }
        (test_forms())
        form.settings method="post" action=(PATH) {
            (complaints(errors))
            input type="hidden" name=(VERSION) value=(values.version);
            @if errors.any() { p.error role="alert" { "Nothing was saved. What is to be mended stands beside its field." } }
            div.groups { (groups.all()) }
            div.save { button { "Save System Settings" } }
        }
    };
    visitor.page(Section::SystemSettings, "System Settings", &content)
}

/// A form for each channel's test, which its button names: forms do not stand within forms.
fn test_forms() -> Markup {
    html! {
        @for channel in groups::CHANNELS {
            form id={ "send-" (channel) } method="post" action=(TEST) hidden {
                input type="hidden" name="channel" value=(channel);
            }
        }
    }
}
