//! A look as people read it, and as programs do.

use std::time::Duration;

use chrono::{DateTime, Utc};
use proto_events::{EndpointState, Service};
use serde_json::{Value, json};

use super::look::{Queues, Status, Tables};
use crate::screen::{Screen, printable, time};

/// Everything on one screen.
pub(super) fn text(screen: &Screen, status: &Status) -> String {
    let mut table = screen.table([
        "service",
        "ready",
        "readers",
        "retrying",
        "parked",
        "oldest",
        "paused",
        "dead letters",
        "oldest",
    ]);
    for service in Service::ALL {
        let queues = queues_of(status, service);
        let figure = |of: fn(&Queues) -> u32| queues.map_or_else(unknown, |it| of(it).to_string());
        let rows = rows_of(status, service, Utc::now());
        let known = rows.is_some();
        let count = |count: i64| if known { count.to_string() } else { unknown() };
        let rows = rows.unwrap_or_default();
        table.add_row([
            service.to_string(),
            figure(|it| it.ready),
            figure(|it| it.consumers),
            figure(|it| it.retrying),
            count(rows.parked),
            rows.oldest_parked.map_or_else(String::new, span),
            if rows.held {
                "held".to_owned()
            } else {
                count(rows.pauses)
            },
            count(rows.letters),
            rows.oldest_letter.map_or_else(String::new, span),
        ]);
    }
    let mut lines = vec![table.to_string()];
    match &status.tables {
        Ok(tables) => lines.extend(below(tables)),
        Err(error) => lines.push(format!("\ndatabase   {}", printable(&format!("{error:#}")))),
    }
    match &status.queues {
        Ok(queues) => lines.extend(queues.iter().filter(|it| it.given_up > 0).map(|it| {
            format!(
                "{:10} {} messages that the broker gave up wait for {} to file them",
                "broker", it.given_up, it.service
            )
        })),
        Err(error) => lines.push(format!("broker     {}", printable(&format!("{error:#}")))),
    }
    lines.join("\n")
}

/// What no service's row shows.
fn below(tables: &Tables) -> Vec<String> {
    let states = EndpointState::ALL.into_iter().map(|state| {
        let count = tables.survey.endpoints.get(state.as_str()).copied();
        format!("{} {state}", count.unwrap_or_default())
    });
    let mut lines = vec![
        format!("\nendpoints  {}", states.collect::<Vec<_>>().join(", ")),
        "schema     current".to_owned(),
    ];
    lines.extend(tables.holds.iter().map(|hold| {
        let note = Some(printable(&hold.note)).filter(|note| !note.is_empty());
        let note = note.map_or_else(String::new, |note| format!(": {note}"));
        format!(
            "held       {} since {} UTC{note}",
            hold.service,
            time(hold.since)
        )
    }));
    lines
}

/// The same for programs.
pub(super) fn object(status: &Status) -> Value {
    let services = Service::ALL.into_iter().map(|service| {
        let queues = queues_of(status, service);
        let rows = rows_of(status, service, Utc::now());
        json!({
            "service": service.as_str(),
            "ready": queues.map(|it| it.ready),
            "readers": queues.map(|it| it.consumers),
            "retrying": queues.map(|it| it.retrying),
            "given_up_by_broker": queues.map(|it| it.given_up),
            "parked": rows.as_ref().map(|it| it.parked),
            "oldest_parked_seconds": rows.as_ref().and_then(|it| it.oldest_parked).map(|age| age.as_secs()),
            "pauses": rows.as_ref().map(|it| it.pauses),
            "held": rows.as_ref().map(|it| it.held),
            "dead_letters": rows.as_ref().map(|it| it.letters),
            "oldest_dead_letter_seconds": rows.as_ref().and_then(|it| it.oldest_letter).map(|age| age.as_secs()),
        })
    });
    let tables = status.tables.as_ref().ok();
    json!({
        "services": services.collect::<Vec<_>>(),
        "endpoints": tables.map(|it| &it.survey.endpoints),
        "holds": tables.map(|it| it.holds.iter().map(|hold| json!({
            "service": hold.service.as_str(), "since": hold.since, "note": hold.note,
        })).collect::<Vec<_>>()),
        "schema_current": tables.is_some(),
        "broker_error": status.queues.as_ref().err().map(|error| format!("{error:#}")),
        "database_error": status.tables.as_ref().err().map(|error| format!("{error:#}")),
    })
}

fn queues_of(status: &Status, service: Service) -> Option<&Queues> {
    let queues = status.queues.as_ref().ok()?;
    queues.iter().find(|it| it.service == service)
}

/// What the tables say of a service.
#[derive(Default)]
struct Rows {
    parked: i64,
    oldest_parked: Option<Duration>,
    pauses: i64,
    held: bool,
    letters: i64,
    oldest_letter: Option<Duration>,
}

fn rows_of(status: &Status, service: Service, now: DateTime<Utc>) -> Option<Rows> {
    let Tables {
        survey,
        holds,
        letters,
    } = status.tables.as_ref().ok()?;
    let parked = survey.parked.get(service.as_str());
    let letters = letters.iter().filter(|count| count.service == service);
    let oldest = letters.clone().map(|count| count.oldest).min();
    Some(Rows {
        parked: parked.map_or(0, |parked| parked.jobs),
        oldest_parked: parked.map(|parked| parked.oldest),
        pauses: survey
            .pauses
            .get(service.as_str())
            .copied()
            .unwrap_or_default(),
        held: holds.iter().any(|hold| hold.service == service),
        letters: letters.map(|count| count.count).sum(),
        oldest_letter: oldest.map(|at| (now - at).to_std().unwrap_or_default()),
    })
}

fn unknown() -> String {
    "?".to_owned()
}

/// How long, in its largest unit.
fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}
