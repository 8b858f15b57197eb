//! Templates: what is in force, and what people write in the place of it. Files of the operator's
//! (`DD_TEMPLATE_DIR`) stand above both.
//!
//! | module | what it is for |
//! |---|---|
//! | `trial` | how a message reads |

mod trial;

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use delivery::templates::{InForce, Origin};
use messages::Templates;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::templates::{FILE_CHARS, SOURCE_CHARS};
use store::{Page, StoredTemplate};

use super::content::Fields;
use super::form::{at_most, overlay};
use super::query::{List, PAGING, Query};
use super::route::Route;
use crate::access::{Caller, Superuser};
use crate::app::App;
use crate::refusal::{Errors, Refusal};

pub(crate) use trial::preview;
use trial::{Preview, Trial};

const LIST: &str = "/templates/";

/// A template in force.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Template {
    /// The name of its file below the folder of templates.
    pub(crate) file: String,
    /// What stands in it.
    pub(crate) source: String,
    /// Whether it says what the built-in one says.
    pub(crate) built_in: bool,
    /// Where it is from: `built_in`, `stored` (somebody wrote it), `file` (of `DD_TEMPLATE_DIR`).
    #[schemars(schema_with = "origins")]
    #[serde(serialize_with = "word")]
    pub(crate) origin: Origin,
    /// Who wrote what is stored under this name, whether it is in force or not.
    pub(crate) updated_by: Option<String>,
    /// When they did.
    pub(crate) updated_at: Option<DateTime<Utc>>,
    /// Why what is stored cannot be used, if it cannot.
    pub(crate) problem: Option<String>,
}

/// What somebody writes.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Written {
    /// `<event>.txt`, `<channel>/<event>.txt` or `mail.html`.
    file: String,
    /// What is to stand in it.
    source: String,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(LIST, "Templates in force", list)
            .filters(&PAGING)
            .filters(&[("file", "The one of this file.")])
            .gives::<List<Template>>(),
        Route::put(
            LIST,
            "Write a template in the place of the built-in one; senders use it within seconds",
            write,
        )
        .takes::<Written>()
        .gives::<Template>(),
        Route::delete(
            LIST,
            "Remove what somebody wrote, so that the built-in template is in force again",
            restore,
        )
        .filters(&[("file", "The one of this file.")]),
        Route::post(
            "/templates/preview/",
            "How a message reads, with the templates in force or with another in the place of one; nothing is sent",
            preview,
        )
        .takes::<Trial>()
        .gives::<Preview>(),
    ]
}

pub(crate) async fn list(
    State(app): State<App>,
    _: Caller,
    query: Query,
) -> Result<Json<List<Template>>, Refusal> {
    let window = query.window()?;
    let file: Option<String> = query.get("file")?;
    let mut all = all(&app).await?;
    all.retain(|template| file.as_ref().is_none_or(|file| *file == template.file));
    let page = Page {
        count: i64::try_from(all.len()).unwrap_or(i64::MAX),
        rows: all
            .into_iter()
            .skip(usize::try_from(window.offset).unwrap_or(usize::MAX))
            .take(usize::try_from(window.limit).unwrap_or(usize::MAX))
            .collect(),
    };
    Ok(Json(query.list(window, page)))
}

pub(crate) async fn write(
    State(app): State<App>,
    caller: Caller,
    Fields(fields): Fields,
) -> Result<Json<Template>, Refusal> {
    Superuser::of(&caller)?;
    let Written { file, source } = overlay(&Written::default(), fields, &[])?;
    usable(&file, &source)?;
    if in_force(&app).await?.origin(&file) == Origin::File {
        return Err(Refusal::Conflict(format!(
            "A file of DD_TEMPLATE_DIR stands above {file}: change it there."
        )));
    }
    let by = &caller.username;
    app.store.put_template(&file, &source, by).await?;
    tracing::info!(file, by, "a template was written");
    one(&app, &file).await.map(Json)
}

async fn restore(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<StatusCode, Refusal> {
    remove(&app, &caller, query.text("file")).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes what somebody wrote.
pub(crate) async fn remove(app: &App, caller: &Caller, file: &str) -> Result<(), Refusal> {
    Superuser::of(caller)?;
    if !app.store.remove_template(file).await? {
        return Err(Refusal::NotFound("template"));
    }
    let by = &caller.username;
    tracing::info!(file, by, "a template was removed");
    Ok(())
}

/// The template of a file.
pub(crate) async fn one(app: &App, file: &str) -> Result<Template, Refusal> {
    let found = all(app).await?.into_iter().find(|it| it.file == file);
    found.ok_or(Refusal::NotFound("template"))
}

/// Every template, by file.
pub(crate) async fn all(app: &App) -> Result<Vec<Template>, Refusal> {
    let built_in = Templates::built_in().map_err(|error| Refusal::Broken(error.into()))?;
    let built_in = built_in.in_force();
    let stored = app.store.stored_templates().await?;
    let in_force = layered(app, stored.clone()).await?;
    let mut by_file: BTreeMap<String, StoredTemplate> = stored
        .into_iter()
        .map(|stored| (stored.file.clone(), stored))
        .collect();
    let described = |template: (String, String)| {
        let stored = by_file.remove(&template.0);
        let (updated_by, updated_at) = stored.map(|it| (it.updated_by, it.updated_at)).unzip();
        Template {
            built_in: built_in.contains(&template),
            origin: in_force.origin(&template.0),
            problem: in_force.broken.get(&template.0).cloned(),
            file: template.0,
            source: template.1,
            updated_by,
            updated_at,
        }
    };
    let mut all: Vec<Template> = in_force
        .templates
        .in_force()
        .into_iter()
        .map(described)
        .collect();
    // What is stored, cannot be used, and has no built-in one below it.
    all.extend(by_file.into_values().map(|stored| Template {
        built_in: false,
        origin: Origin::Stored,
        problem: in_force.broken.get(&stored.file).cloned(),
        file: stored.file,
        source: stored.source,
        updated_by: Some(stored.updated_by),
        updated_at: Some(stored.updated_at),
    }));
    Ok(all)
}

/// The templates as senders have them.
async fn in_force(app: &App) -> Result<InForce, Refusal> {
    let stored = app.store.stored_templates().await?;
    layered(app, stored).await
}

/// Reading files may take a moment.
async fn layered(app: &App, stored: Vec<StoredTemplate>) -> Result<InForce, Refusal> {
    let folder = app.config.template_dir.clone();
    let reading = tokio::task::spawn_blocking(move || {
        delivery::templates::in_force(folder.as_deref(), &stored)
    });
    let read = reading
        .await
        .map_err(|error| Refusal::Broken(error.into()))?;
    read.map_err(|problem| Refusal::Conflict(format!("{problem:#}")))
}

/// Names and sources that a sender can use.
fn usable(file: &str, source: &str) -> Result<(), Refusal> {
    let mut errors = Errors::default();
    at_most(&mut errors, "file", file, FILE_CHARS);
    at_most(&mut errors, "source", source, SOURCE_CHARS);
    if !Templates::can_be_called(file) || file.chars().any(char::is_control) {
        errors.add(
            "file",
            "Write <event>.txt, <channel>/<event>.txt or mail.html.",
        );
    }
    if source.contains('\0') {
        errors.add("source", "Null characters are not allowed.");
    }
    errors.none()?;
    let mut templates = Templates::built_in().map_err(|error| Refusal::Broken(error.into()))?;
    let tried = templates.replace(file, source);
    tried.map_err(|problem| Refusal::field("source", problem.to_string()))
}

fn origins(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"type": "string", "enum": ["built_in", "stored", "file"],
        "description": "Where it is from: `built_in`, `stored` (somebody wrote it), `file` (of `DD_TEMPLATE_DIR`)."})
}

fn word<S: serde::Serializer>(origin: &Origin, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(origin.as_str())
}
