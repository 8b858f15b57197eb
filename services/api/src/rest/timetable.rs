//! When somebody hears of what they are told: everybody's own timetable.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveTime;
use chrono_tz::Tz;
use proto_events::directory::{Cadence, QuietHours, Timetable, Whose};
use proto_events::{Column, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::content::Fields;
use super::form::overlay;
use super::route::Route;
use crate::access::Caller;
use crate::app::App;
use crate::refusal::{Errors, Refusal};

const PATH: &str = "/timetable/";

/// How times are written.
const TIME: &str = "%H:%M";

/// A timetable, for mails and Slack messages. Without one everything is told at once.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Chosen {
    /// A name of the IANA database, e.g. `Europe/Berlin`.
    pub(crate) time_zone: String,
    /// When the daily message comes, local time, e.g. `08:00`.
    pub(crate) daily_at: String,
    /// `hourly` or `daily` by event; what is not named is told at once.
    pub(crate) cadences: BTreeMap<String, String>,
    /// When nothing comes from on, local time, e.g. `22:00`; null: never.
    pub(crate) quiet_from: Option<String>,
    /// When that ends.
    pub(crate) quiet_to: Option<String>,
    /// Findings of this severity or worse come in quiet hours all the same.
    pub(crate) breaks_through: Option<String>,
}

impl Default for Chosen {
    fn default() -> Self {
        Self {
            time_zone: Tz::UTC.name().to_owned(),
            daily_at: "08:00".to_owned(),
            cadences: BTreeMap::new(),
            quiet_from: None,
            quiet_to: None,
            breaks_through: None,
        }
    }
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            PATH,
            "Your timetable; if you have none, one that tells everything at once",
            read,
        )
        .gives::<Chosen>(),
        Route::put(
            PATH,
            "Replace your timetable; what is not named becomes the default",
            replace,
        )
        .takes::<Chosen>()
        .gives::<Chosen>(),
        Route::delete(
            PATH,
            "Remove your timetable, so that everything is told at once",
            remove,
        ),
    ]
}

/// Somebody's timetable, if they have one.
pub(crate) async fn of(app: &App, caller: &Caller) -> Result<Option<Chosen>, Refusal> {
    let timetable = app.store.timetable(Whose::User(caller.id)).await?;
    Ok(timetable.map(Chosen::from))
}

async fn read(State(app): State<App>, caller: Caller) -> Result<Json<Chosen>, Refusal> {
    Ok(Json(of(&app, &caller).await?.unwrap_or_default()))
}

pub(crate) async fn replace(
    State(app): State<App>,
    caller: Caller,
    Fields(fields): Fields,
) -> Result<Json<Chosen>, Refusal> {
    let chosen: Chosen = overlay(&Chosen::default(), fields, &[])?;
    let timetable = chosen.timetable()?;
    let whose = Whose::User(caller.id);
    app.store.put_timetable(whose, &timetable).await?;
    Ok(Json(timetable.into()))
}

pub(crate) async fn remove(State(app): State<App>, caller: Caller) -> Result<StatusCode, Refusal> {
    app.store.remove_timetable(Whose::User(caller.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Timetable> for Chosen {
    fn from(timetable: Timetable) -> Self {
        let time = |time: NaiveTime| time.format(TIME).to_string();
        let cadence = |(column, cadence): (Column, Cadence)| {
            (column.as_str().to_owned(), cadence.as_str().to_owned())
        };
        let quiet = timetable.quiet;
        Self {
            time_zone: timetable.time_zone.name().to_owned(),
            daily_at: time(timetable.daily_at),
            cadences: timetable.cadences.into_iter().map(cadence).collect(),
            quiet_from: quiet.map(|quiet| time(quiet.from)),
            quiet_to: quiet.map(|quiet| time(quiet.to)),
            breaks_through: quiet
                .and_then(|quiet| quiet.breaks_through)
                .map(|severity| severity.as_str().to_owned()),
        }
    }
}

impl Chosen {
    /// The timetable that it describes.
    ///
    /// # Errors
    /// Every field that cannot be used.
    fn timetable(&self) -> Result<Timetable, Refusal> {
        let mut errors = Errors::default();
        let time_zone: Option<Tz> = self.time_zone.trim().parse().ok();
        if time_zone.is_none() {
            let text = "Write a name of the IANA database, e.g. Europe/Berlin.";
            errors.add("time_zone", text);
        }
        let daily_at = time("daily_at", &self.daily_at, &mut errors);
        let cadences = self.cadences(&mut errors);
        let quiet = self.quiet(&mut errors);
        errors.none()?;
        // What cannot be read was complained of above.
        let unread = || Refusal::Broken(anyhow::anyhow!("a timetable without complaints is none"));
        Ok(Timetable {
            time_zone: time_zone.ok_or_else(unread)?,
            daily_at: daily_at.ok_or_else(unread)?,
            cadences,
            quiet,
        })
    }

    fn cadences(&self, errors: &mut Errors) -> BTreeMap<Column, Cadence> {
        let mut cadences = BTreeMap::new();
        for (column, cadence) in &self.cadences {
            match (column.parse::<Column>(), cadence.parse::<Cadence>()) {
                (Ok(column), Ok(cadence)) => {
                    cadences.insert(column, cadence);
                }
                (Err(_), _) => errors.add("cadences", format!("There is no event \"{column}\".")),
                (_, Err(_)) => errors.add("cadences", format!("{column}: write hourly or daily.")),
            }
        }
        cadences
    }

    fn quiet(&self, errors: &mut Errors) -> Option<QuietHours> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let breaks_through = given(&self.breaks_through);
        let severity: Option<Severity> = breaks_through.as_deref().and_then(|it| it.parse().ok());
        if breaks_through.is_some() && severity.is_none() {
            let text = "Write Info, Low, Medium, High or Critical.";
            errors.add("breaks_through", text);
        }
        let (from, to) = match (given(&self.quiet_from), given(&self.quiet_to)) {
            (None, None) => {
                if severity.is_some() {
                    let text = "There are no quiet hours to break through.";
                    errors.add("breaks_through", text);
                }
                return None;
            }
            (Some(from), Some(to)) => (from, to),
            (None, Some(_)) => {
                errors.add("quiet_from", "Quiet hours have a beginning too.");
                return None;
            }
            (Some(_), None) => {
                errors.add("quiet_to", "Quiet hours have an end too.");
                return None;
            }
        };
        let from = time("quiet_from", &from, errors)?;
        let to = time("quiet_to", &to, errors)?;
        if from == to {
            let text = "They begin when they end: there is nothing between.";
            errors.add("quiet_to", text);
        }
        Some(QuietHours {
            from,
            to,
            breaks_through: severity,
        })
    }
}

fn time(field: &str, text: &str, errors: &mut Errors) -> Option<NaiveTime> {
    let text = text.trim();
    let read = NaiveTime::parse_from_str(text, TIME);
    let read = read.or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"));
    if read.is_err() {
        errors.add(field, "Write hours and minutes, e.g. 08:00.");
    }
    read.ok()
}
