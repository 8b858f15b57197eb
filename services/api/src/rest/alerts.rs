//! Alerts: everybody their own, superusers too.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use messages::link::{Link, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Window;
use store::browse::ListedAlert;
use uuid::Uuid;

use super::content::Fields;
use super::form::overlay;
use super::path::Id;
use super::query::{List, PAGING, Query};
use super::route::Route;
use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;

const LIST: &str = "/alerts/";
const ONE: &str = "/alerts/{id}/";

/// An alert.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Alert {
    pub(crate) id: Uuid,
    pub(crate) title: String,
    pub(crate) description: String,
    /// Where it leads.
    pub(crate) url: Option<String>,
    /// Font Awesome icon name.
    pub(crate) icon: String,
    /// What kind of event it was.
    pub(crate) source: String,
    pub(crate) created: DateTime<Utc>,
    /// Whether you marked it as read. It counts all the same.
    pub(crate) read: bool,
}

impl Alert {
    /// One line that says what it is about.
    pub(crate) fn headline(&self) -> &str {
        if self.title.is_empty() {
            &self.description
        } else {
            &self.title
        }
    }

    /// The page that it leads to. An alert keeps its link as its event gave it; a path is one of
    /// DefectDojo's, which is at another address than the pages that show the alert.
    pub(crate) fn href(&self, site_url: &str) -> Option<String> {
        Link::on(&Site::new(site_url), self.url.as_deref())?.href
    }
}

/// Alerts that are chosen.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Chosen {
    /// Their ids; those of others are passed over.
    ids: Vec<Uuid>,
}

/// What was done.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Done {
    /// To how many.
    pub(crate) count: u64,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(LIST, "Your alerts, the newest first", list)
            .filters(&PAGING)
            .filters(&[("read", "Those that you marked as read, or the others.")])
            .gives::<List<Alert>>(),
        Route::delete(LIST, "Remove all of your alerts", clear)
            .gives::<Done>()
            .with(StatusCode::OK),
        Route::get(ONE, "One of your alerts", read).gives::<Alert>(),
        Route::patch(ONE, "Mark an alert as read or unread", change)
            .takes::<Alert>()
            .gives::<Alert>(),
        Route::delete(ONE, "Remove an alert", remove),
        Route::post(
            "/alerts/mark_read/",
            "Mark some of your alerts as read",
            mark_read,
        )
        .takes::<Chosen>()
        .gives::<Done>(),
        Route::post(
            "/alerts/mark_unread/",
            "Mark some of your alerts as unread",
            mark_unread,
        )
        .takes::<Chosen>()
        .gives::<Done>(),
        Route::post("/alerts/remove/", "Remove some of your alerts", remove_some)
            .takes::<Chosen>()
            .gives::<Done>(),
    ]
}

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Json<List<Alert>>, Refusal> {
    let (window, read) = (query.window()?, query.get("read")?);
    let page = app.store.alerts_page(caller.id, read, window).await?;
    Ok(Json(query.list(window, page)))
}

/// The newest alerts of a person, so many at most.
pub(crate) async fn newest(app: &App, caller: &Caller, limit: u32) -> Result<Vec<Alert>, Refusal> {
    let window = Window { limit, offset: 0 };
    let alerts = app.store.newest_alerts(caller.id, window).await?;
    Ok(alerts.into_iter().map(Alert::from).collect())
}

async fn read(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<Uuid>,
) -> Result<Json<Alert>, Refusal> {
    Ok(Json(found(&app, &caller, id).await?))
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<Uuid>,
    Fields(mut fields): Fields,
) -> Result<Json<Alert>, Refusal> {
    let base = found(&app, &caller, id).await?;
    fields.retain(|name, _| name == "read");
    let alert: Alert = overlay(&base, fields, &[])?;
    app.store.mark_alerts(caller.id, &[id], alert.read).await?;
    Ok(Json(alert))
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<Uuid>,
) -> Result<StatusCode, Refusal> {
    match app.store.remove_alerts(caller.id, Some(&[id])).await? {
        0 => Err(Refusal::NotFound("Alerts")),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

pub(crate) async fn clear(State(app): State<App>, caller: Caller) -> Result<Json<Done>, Refusal> {
    let count = app.store.remove_alerts(caller.id, None).await?;
    Ok(Json(Done { count }))
}

pub(crate) async fn mark_read(
    state: State<App>,
    caller: Caller,
    fields: Fields,
) -> Result<Json<Done>, Refusal> {
    mark(state, caller, fields, true).await
}

pub(crate) async fn mark_unread(
    state: State<App>,
    caller: Caller,
    fields: Fields,
) -> Result<Json<Done>, Refusal> {
    mark(state, caller, fields, false).await
}

async fn mark(
    State(app): State<App>,
    caller: Caller,
    Fields(fields): Fields,
    read: bool,
) -> Result<Json<Done>, Refusal> {
    let Chosen { ids } = overlay(&Chosen::default(), fields, &[])?;
    let count = app.store.mark_alerts(caller.id, &ids, read).await?;
    Ok(Json(Done { count }))
}

pub(crate) async fn remove_some(
    State(app): State<App>,
    caller: Caller,
    Fields(fields): Fields,
) -> Result<Json<Done>, Refusal> {
    let Chosen { ids } = overlay(&Chosen::default(), fields, &[])?;
    let count = app.store.remove_alerts(caller.id, Some(&ids)).await?;
    Ok(Json(Done { count }))
}

async fn found(app: &App, caller: &Caller, id: Uuid) -> Result<Alert, Refusal> {
    let alert = app.store.alert(caller.id, id).await?;
    Ok(alert.ok_or(Refusal::NotFound("Alerts"))?.into())
}

impl From<ListedAlert> for Alert {
    fn from(alert: ListedAlert) -> Self {
        Self {
            id: alert.id,
            title: alert.title,
            description: alert.description,
            url: alert.url,
            icon: alert.icon,
            source: alert.source,
            created: alert.created,
            read: alert.read_at.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use uuid::Uuid;

    use super::Alert;

    fn leads_to(url: &str) -> Option<String> {
        let alert = Alert {
            id: Uuid::nil(),
            title: String::new(),
            description: String::new(),
            url: Some(url.to_owned()),
            icon: String::new(),
            source: String::new(),
            created: Utc::now(),
            read: false,
        };
        alert.href("https://dojo.example/")
    }

    #[test]
    fn a_path_leads_to_defectdojo_and_an_address_where_it_says() {
        for (url, page) in [
            ("/test/1", "https://dojo.example/test/1"),
            ("test/1", "https://dojo.example/test/1"),
            ("https://other.example/a", "https://other.example/a"),
            ("HTTP://other.example/a", "http://other.example/a"),
            ("//evil.example/a", "https://dojo.example//evil.example/a"),
        ] {
            assert_eq!(leads_to(url).as_deref(), Some(page), "{url:?}");
        }
    }

    #[test]
    fn a_link_runs_nothing() {
        for trick in ["javascript:alert(1)", " data:text/html,x", "", " "] {
            assert_eq!(leads_to(trick), None, "{trick:?}");
        }
    }
}
