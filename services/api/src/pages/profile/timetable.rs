//! Digests and quiet hours, for one's mails and Slack messages.

use axum::extract::State;
use axum::response::IntoResponse;
use chrono_tz::TZ_VARIANTS;
use maud::{Markup, html};
use proto_events::{Column, Severity};
use serde_json::{Map, Value, json};

use super::{AT_ONCE, PATH, TIMETABLE, page};
use crate::access::Caller;
use crate::app::App;
use crate::pages::component::{ask, complaints};
use crate::pages::form::{Form, Kind, mendable};
use crate::pages::visitor::Visitor;
use crate::pages::{Answer, said};
use crate::refusal::{Errors, Refusal};
use crate::rest::content::Fields;
use crate::rest::timetable::{self, Chosen};

/// How often, as the resource and as people say it.
const CADENCES: [(&str, &str); 3] = [("", "at once"), ("hourly", "hourly"), ("daily", "daily")];

pub(super) async fn choose(State(app): State<App>, visitor: Visitor, form: Form) -> Answer {
    let fields = fields(&form);
    let chosen = timetable::replace(State(app.clone()), visitor.caller.clone(), fields).await;
    match chosen {
        Ok(_) => {
            let sentence = "Saved. It holds for what comes from now on.";
            Ok(said::then(&app, PATH, sentence))
        }
        Err(refusal) => {
            let (status, errors) = mendable(refusal)?;
            let written = written(&form);
            let page = page(&app, &visitor, None, Some((&written, &errors))).await?;
            Ok((status, page).into_response())
        }
    }
}

pub(super) async fn remove(State(app): State<App>, visitor: Visitor) -> Answer {
    timetable::remove(State(app.clone()), visitor.caller).await?;
    let sentence =
        "Everything is told at once from now on. What is held back comes when it is due.";
    Ok(said::then(&app, PATH, sentence))
}

/// The fields of the resource.
fn fields(form: &Form) -> Fields {
    let mut fields = form.fields(&[
        ("time_zone", Kind::Text),
        ("daily_at", Kind::Text),
        ("quiet_from", Kind::Optional),
        ("quiet_to", Kind::Optional),
        ("breaks_through", Kind::Optional),
    ]);
    let cadences: Map<String, Value> = Column::ALL
        .into_iter()
        .map(|column| (column, cadence(form, column)))
        .filter(|(_, cadence)| !cadence.is_empty())
        .map(|(column, cadence)| (column.as_str().to_owned(), json!(cadence)))
        .collect();
    fields.0.insert("cadences".to_owned(), cadences.into());
    fields
}

/// How often an event is to be told: a button says it for all that can wait, else its own row does.
fn cadence(form: &Form, column: Column) -> &str {
    match form.text("all") {
        all if all.is_empty() || is_waited_for(column) => form.text(&row_name(column)),
        "at_once" => "",
        all => all,
    }
}

/// What was sent, to be shown again.
fn written(form: &Form) -> Chosen {
    let text = |name| form.text(name).to_owned();
    let optional = |name| Some(text(name)).filter(|text| !text.is_empty());
    let cadence = |column: Column| {
        let cadence = cadence(form, column).to_owned();
        (!cadence.is_empty()).then(|| (column.as_str().to_owned(), cadence))
    };
    Chosen {
        time_zone: text("time_zone"),
        daily_at: text("daily_at"),
        cadences: Column::ALL.into_iter().filter_map(cadence).collect(),
        quiet_from: optional("quiet_from"),
        quiet_to: optional("quiet_to"),
        breaks_through: optional("breaks_through"),
    }
}

fn row_name(column: Column) -> String {
    format!("cadence_{}", column.as_str())
}

/// Events for which somebody waits: a button for all others leaves them alone.
const fn is_waited_for(column: Column) -> bool {
    matches!(
        column,
        Column::UserMentioned | Column::ReviewRequested | Column::CodeReview
    )
}

/// The timetable as it is, or as it was refused.
pub(super) async fn card(
    app: &App,
    caller: &Caller,
    refused: Option<(&Chosen, &Errors)>,
) -> Result<Markup, Refusal> {
    let stored = timetable::of(app, caller).await?;
    let (none, default) = (Errors::default(), Chosen::default());
    let (chosen, errors) = refused.unwrap_or((stored.as_ref().unwrap_or(&default), &none));
    let question = "Remove your timetable, so that everything comes at once?";
    Ok(html! {
        p.soft {
            "Mails and Slack messages can wait, and come together in one message. Alerts stand here at once, and webhooks are never held back. "
            @if stored.is_none() { "You have no timetable: everything comes at once." }
        }
        (form(chosen, errors))
        @if stored.is_some() { (ask("at-once", "Remove the timetable", question, AT_ONCE, &html! {})) }
    })
}

fn form(chosen: &Chosen, errors: &Errors) -> Markup {
    let field = |name, label, help| errors.field(name, label, help);
    let zones = TZ_VARIANTS.iter().map(|zone| (zone.name(), ""));
    let nothing = [("", "nothing")].into_iter();
    let severities = Severity::ALL.map(|severity| (severity.as_str(), severity.as_str()));
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    html! {
        form.card.timetable method="post" action=(TIMETABLE) {
            (complaints(errors))
            div.times {
                (field("time_zone", "Your time zone", "For example Europe/Berlin.").suggested(zones, &chosen.time_zone))
                (field("daily_at", "Daily message at", "One message with all that is to come daily.").input("time", &chosen.daily_at))
                (field("quiet_from", "Nothing comes from", "Both empty: there are no quiet hours.").input("time", &text(&chosen.quiet_from)))
                (field("quiet_to", "until", "What was held back comes then.").input("time", &text(&chosen.quiet_to)))
                (field("breaks_through", "But for findings from", "This severity or worse comes in quiet hours too.").choice(nothing.chain(severities), &text(&chosen.breaks_through)))
            }
            @for error in errors.of("cadences") { p.error role="alert" { (error) } }
            details open[!errors.of("cadences").is_empty() || !chosen.cadences.is_empty()] {
                summary { "Event by event" }
                (rows(chosen))
            }
            div.row {
                button { "Save" }
                span.soft { "or save with all that can wait" }
                @for (value, words) in [("daily", "daily"), ("hourly", "hourly"), ("at_once", "at once")] {
                    button.quiet name="all" value=(value) aria-label={ "Save with all that can wait " (words) } { (words) }
                }
            }
        }
    }
}

fn rows(chosen: &Chosen) -> Markup {
    html! {
        div.table { table {
            thead { tr { th scope="col" { "Event" } @for (_, words) in CADENCES { th scope="col" { (words) } } } }
            tbody { @for column in Column::ALL {
                @let now = chosen.cadences.get(column.as_str()).map_or("", String::as_str);
                tr {
                    th scope="row" { (column.label()) @if is_waited_for(column) { " " span.soft { "(somebody waits)" } } }
                    @for (cadence, words) in CADENCES {
                        td { input type="radio" name=(row_name(column)) value=(cadence) checked[cadence == now] aria-label={ (column.label()) ": " (words) }; }
                    }
                }
            } }
        } }
    }
}
