//! The summary: what adds up, what was given up, and what messages look like.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use comfy_table::{CellAlignment, Table};
use console::style;
use proto_events::{Channel, JobId};
use store::LedgerEntry;

use super::archive::{self, Filed, Part};
use super::books::{Balance, Books};
use super::play::Sent;
use crate::screen::{Screen, TABLE, printable};

/// The event of which messages are shown.
const SAMPLE: &str = "review_requested";

/// How many lines of a sample are shown.
const LINES: usize = 20;

/// Width of what stands left of wrapped lines.
const MARGIN: usize = 4;

/// How much of an unreadable message is shown.
const BEGINNING: usize = 60;

/// Shows one mail and one Slack message.
///
/// # Errors
/// If nobody reads it any more.
pub fn samples(screen: &Screen, filed: &[Filed]) -> anyhow::Result<()> {
    // The shortest, so that it can be seen whole.
    let sample = |channel: Channel| {
        filed
            .iter()
            .filter(|filed| filed.message.channel == channel && filed.event == SAMPLE)
            .min_by_key(|filed| filed.message.body.len())
    };
    if let Some(mail) = sample(Channel::Mail) {
        screen.title(&format!(
            "One of the mails (text part), to {}",
            printable(&mail.message.to)
        ))?;
        let text = archive::part(&mail.message, Part::Text).unwrap_or_default();
        excerpt(screen, &text, &mail.path.with_extension("html"))?;
    }
    if let Some(slack) = sample(Channel::Slack) {
        screen.title(&format!(
            "One of the Slack messages, to {}",
            printable(&slack.message.to)
        ))?;
        excerpt(screen, &slack.message.body, &slack.path)?;
    }
    Ok(())
}

fn excerpt(screen: &Screen, text: &str, file: &Path) -> anyhow::Result<()> {
    let lines: Vec<String> = text
        .lines()
        .flat_map(|line| screen.wrapped(&printable(line), MARGIN))
        .collect();
    for line in lines.iter().take(LINES) {
        screen.say(&format!("  {} {line}", style("│").dim()))?;
    }
    let more = lines.len().saturating_sub(LINES);
    let more = if more > 0 {
        format!("{more} more lines in ")
    } else {
        String::new()
    };
    screen.say(&format!("  {} {more}{}", style("╰").dim(), file.display()))
}

/// Tells what is not obvious.
///
/// # Errors
/// If nobody reads it any more.
pub fn highlights(screen: &Screen, books: &Books) -> anyhow::Result<()> {
    screen.title("Worth a second look")?;
    for sentence in super::highlights::highlights(books) {
        let lines = screen.wrapped(&printable(&sentence), MARGIN);
        screen.say(&format!("  {} {}", style("•").cyan(), lines.join("\n    ")))?;
    }
    Ok(())
}

/// Lists what was given up, and why.
///
/// # Errors
/// If nobody reads it any more.
pub fn dead_letters(screen: &Screen, books: &Books) -> anyhow::Result<()> {
    screen.title("Given up, and kept as dead letters")?;
    let entries: HashMap<JobId, &LedgerEntry> = books
        .ledger
        .iter()
        .map(|entry| (entry.job, entry))
        .collect();
    for letter in &books.dead {
        let what = match letter.job.and_then(|job| entries.get(&job)) {
            Some(entry) => format!(
                "{} to {}",
                entry.event_name,
                entry.recipient.as_deref().unwrap_or("the system")
            ),
            None => String::from_utf8_lossy(&letter.body)
                .chars()
                .take(BEGINNING)
                .chain(['…'])
                .collect(),
        };
        screen.say(&format!("  {:13} {}", letter.service, printable(&what)))?;
        screen.say(&format!(
            "  {:13} {} {}",
            "",
            style(letter.reason).yellow(),
            style(printable(&format!("({})", letter.detail))).dim()
        ))?;
    }
    for notice in &books.notices {
        let superuser = notice.recipient.as_deref().unwrap_or("nobody");
        screen.say(&format!(
            "  {:13} {} has an alert that says so",
            notice.channel.as_str(),
            printable(superuser)
        ))?;
    }
    Ok(())
}

/// Shows that everything adds up.
///
/// # Errors
/// If nobody reads it any more.
pub fn summary(screen: &Screen, sent: &Sent, books: &Books) -> anyhow::Result<()> {
    screen.title("Summary")?;
    screen.say(&format!(
        "  {} messages published = {} events routed + {} unreadable",
        sent.events.len() + sent.unreadable,
        books.decided.len(),
        books.unreadable().count()
    ))?;
    let Balance {
        decided,
        delivered,
        accepted,
        dead,
        waiting,
        retries,
    } = books.balance();
    screen.say(&format!(
        "  {decided} deliveries decided = {delivered} delivered + {accepted} accepted + {dead} dead + {waiting} waiting"
    ))?;
    let tries = if retries == 1 { "retry" } else { "retries" };
    screen.say(&format!("  and {retries} {tries} on the way"))?;
    let mut table = Table::new();
    table.load_style(TABLE);
    table.set_header([
        "channel",
        "decided",
        "delivered",
        "accepted",
        "dead",
        "waiting",
        "retries",
    ]);
    for (channel, balance) in books.balances() {
        let Balance {
            decided,
            delivered,
            accepted,
            dead,
            waiting,
            ..
        } = balance;
        let counts = [decided, delivered, accepted, dead, waiting].map(|count| count.to_string());
        let row = std::iter::once(channel.to_string()).chain(counts);
        table.add_row(row.chain([balance.retries.to_string()]));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    screen.say(&table.to_string())
}

/// Says whether receivers, ledger and decisions agree.
///
/// # Errors
/// If nobody reads it any more.
pub fn comparison(screen: &Screen, differences: &[String]) -> anyhow::Result<()> {
    if differences.is_empty() {
        return screen.say(&format!(
            "  {} Receivers, ledger and the router's decisions agree in every message.",
            style("✓").green()
        ));
    }
    screen.say(&format!(
        "  {} Receivers, ledger and decisions differ:",
        style("✗").red()
    ))?;
    for difference in differences {
        screen.say(&format!("    {}", printable(difference)))?;
    }
    Ok(())
}

/// Says where the messages are.
///
/// # Errors
/// If nobody reads it any more.
pub fn places(screen: &Screen, messages: &Path, elapsed: Duration) -> anyhow::Result<()> {
    let tick = style("✓").green();
    screen.say(&format!(
        "  {tick} Every message can be looked at, mails best as .html in a browser:"
    ))?;
    screen.say(&format!(
        "    {}/{{mail,slack,msteams,webhooks}}",
        messages.display()
    ))?;
    screen.say(&format!("  {tick} Took {:.0} s.", elapsed.as_secs_f64()))?;
    if screen.is_terminal() {
        return Ok(());
    }
    screen.say("    With --keep it goes on, and ends with a link to pages that show all of it.")
}
