//! Letters as programs read them: one JSON object a line.

use std::io::{self, Write};

use anyhow::Context;
use serde_json::{Value, json};
use store::{LetterCount, LetterFilter, LetterHead, Order, Store};

use crate::dead_letters::select::Walk;

/// Writes letters, the newest first.
pub(super) async fn letters(
    store: &Store,
    filter: LetterFilter,
    limit: usize,
) -> anyhow::Result<()> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    let mut walk = Walk::new(store, filter, Order::NewestFirst);
    let mut written = 0;
    while written < limit
        && let Some(letter) = walk.next().await?
    {
        write_line(&mut output, &as_json(&letter))?;
        written += 1;
    }
    output.flush().context("cannot write to standard output")
}

fn as_json(letter: &LetterHead) -> Value {
    let event = letter.event.as_ref();
    json!({
        "id": letter.id,
        "created_at": letter.created_at,
        "service": letter.service.as_str(),
        "reason": letter.reason,
        "detail": letter.detail,
        "job": letter.job,
        "event": event.map(|(source, id)| json!({ "source": source, "id": id })),
        "headers": letter.headers,
        "body_bytes": letter.body_bytes,
        "arrived": letter.arrived,
        "resolved_at": letter.resolved.map(|(at, _)| at),
        "resolution": letter.resolved.map(|(_, how)| how.as_str()),
    })
}

fn count_as_json(count: &LetterCount) -> Value {
    json!({
        "service": count.service.as_str(),
        "reason": count.reason,
        "letters": count.count,
        "oldest": count.oldest,
        "newest": count.newest,
    })
}

/// Writes how many letters there are.
pub(super) fn counts(counts: &[LetterCount]) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    counts
        .iter()
        .try_for_each(|count| write_line(&mut output, &count_as_json(count)))
}

fn write_line(output: &mut impl Write, value: &Value) -> anyhow::Result<()> {
    writeln!(output, "{value}").context("cannot write to standard output")
}
