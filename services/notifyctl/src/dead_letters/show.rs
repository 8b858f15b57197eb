//! `notifyctl dead-letters show`.

use std::io::{self, Write};

use anyhow::{Context, bail};
use delivery::replay;
use proto_events::JobId;
use store::{LetterHead, Store};

use super::args::ShowArgs;
use super::body::shown;
use super::select;
use super::tell::state;
use crate::attempts;
use crate::screen::{Screen, printable, time};

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
        screen.say(&attempts::table(&screen, &store.attempts(job).await?))?;
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
