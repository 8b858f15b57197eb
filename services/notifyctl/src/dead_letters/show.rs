//! `notifyctl dead-letters show`.

use std::io::{self, Write};

use anyhow::{Context, bail};
use comfy_table::ColumnConstraint;
use delivery::replay;
use proto_events::JobId;
use store::{LetterHead, MadeAttempt, Store};

use super::args::ShowArgs;
use super::body::shown;
use super::select;
use super::tell::{state, time};
use crate::screen::{Screen, blank, printable};

/// Shows a letter.
pub(super) async fn run(args: &ShowArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let letter = select::letter(&store, &args.id).await?;
    let Some(body) = store.letter_body(&letter).await? else {
        bail!(
            "somebody has just dealt with the letter {}; look again",
            args.id
        );
    };
    if args.body {
        let mut output = io::stdout().lock();
        let written = output.write_all(&body).and_then(|()| output.flush());
        return written.context("cannot write to standard output");
    }
    let screen = Screen::new();
    let job = replay::job_of(&letter, &body);
    tell(&screen, &letter, job)?;
    screen.title("Headers")?;
    screen.say(&serde_json::to_string_pretty(&letter.headers)?)?;
    if let Some(job) = job {
        screen.title("What the ledger knows of the job and its replays")?;
        screen.say(&ledger(&screen, &store.attempts(job).await?))?;
    }
    let (remark, text) = shown(&body);
    let remark = remark.map_or_else(String::new, |remark| format!("; {remark}"));
    screen.title(&format!("Body ({} bytes{remark})", body.len()))?;
    screen.say(&text)
}

fn tell(screen: &Screen, letter: &LetterHead, job: Option<JobId>) -> anyhow::Result<()> {
    let event = letter.event.as_ref();
    let state = match letter.resolved {
        Some((at, _)) => format!("{}, {} UTC", state(letter), time(at)),
        None => state(letter).to_owned(),
    };
    for (name, value) in [
        ("letter", Some(letter.id.to_string())),
        ("filed", Some(format!("{} UTC", time(letter.created_at)))),
        ("state", Some(state)),
        ("service", Some(letter.service.to_string())),
        ("reason", Some(letter.reason.to_string())),
        ("detail", Some(printable(&letter.detail))),
        ("job", job.map(|job| job.to_string())),
        (
            "event",
            event.map(|(source, id)| format!("{} of {}", printable(id), printable(source))),
        ),
    ] {
        if let Some(value) = value {
            screen.say(&format!("{name:8} {value}"))?;
        }
    }
    Ok(())
}

fn ledger(screen: &Screen, attempts: &[MadeAttempt]) -> String {
    if attempts.is_empty() {
        return "nothing: no attempt of it was made, or its channel keeps no ledger".to_owned();
    }
    let titles = [
        "replay",
        "attempt",
        "state",
        "began (UTC)",
        "ended (UTC)",
        "what was seen",
    ];
    let mut table = blank(screen, titles);
    for attempt in attempts {
        let replay = Some(attempt.job.replay()).filter(|replay| *replay > 0);
        table.add_row([
            replay.map_or_else(String::new, |replay| format!(".r{replay}")),
            attempt.attempt.to_string(),
            attempt.state.to_string(),
            time(attempt.started_at),
            attempt.finished_at.map(time).unwrap_or_default(),
            seen(attempt),
        ]);
    }
    table.set_constraints([ColumnConstraint::ContentWidth; 5]);
    table.to_string()
}

fn seen(attempt: &MadeAttempt) -> String {
    let parts = [
        attempt.reason.map(|reason| reason.to_string()),
        attempt.status.map(|status| status.to_string()),
        attempt.detail.as_deref().map(printable),
        attempt
            .provider_id
            .as_deref()
            .map(|id| format!("the receiver's id: {}", printable(id))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
