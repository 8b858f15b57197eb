//! `notifyctl dead-letters list`.

mod objects;

use comfy_table::ColumnConstraint::{ContentWidth, Hidden, UpperBoundary};
use comfy_table::{Row, Table, Width};
use store::{Kind, LetterCount, LetterFilter, LetterHead, Order, Store};

use super::args::ListArgs;
use super::id::shortest;
use super::select::Walk;
use super::tell::{WAITING, counted, state};
use crate::screen::{Screen, printable, time};

/// How many letters a table shows unless told otherwise.
const LINES: usize = 50;

/// The width from which on there is room for events.
const WIDE: u16 = 100;

/// Lists letters.
pub(super) async fn run(args: &ListArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let kind = match (args.all, args.resolved) {
        (true, _) => Kind::Any,
        (_, true) => Kind::Resolved,
        _ => Kind::Waiting,
    };
    let filter = args.filters.of(kind);
    match (args.summary, args.json) {
        (true, true) => objects::counts(&store.letter_counts(&filter).await?),
        (true, false) => summary(&store, &filter).await,
        (false, true) => objects::letters(&store, filter, args.limit.unwrap_or(usize::MAX)).await,
        (false, false) => table(&store, filter, args.limit.unwrap_or(LINES)).await,
    }
}

async fn summary(store: &Store, filter: &LetterFilter) -> anyhow::Result<()> {
    let screen = Screen::new();
    let counts = store.letter_counts(filter).await?;
    let titles = [
        "service",
        "reason",
        "letters",
        "oldest (UTC)",
        "newest (UTC)",
    ];
    let mut table = screen.table(titles);
    for count in &counts {
        table.add_row([
            count.service.to_string(),
            count.reason.to_string(),
            count.count.to_string(),
            time(count.oldest),
            time(count.newest),
        ]);
    }
    screen.say(&table.to_string())?;
    screen.say(&format!("{}.", counted(sum(&counts))))
}

async fn table(store: &Store, filter: LetterFilter, limit: usize) -> anyhow::Result<()> {
    let screen = Screen::new();
    let all = sum(&store.letter_counts(&filter).await?);
    if all == 0 {
        return screen.say("No such letters.");
    }
    let mut walk = Walk::new(store, filter, Order::NewestFirst);
    let mut letters = Vec::new();
    while letters.len() < limit
        && let Some(letter) = walk.next().await?
    {
        letters.push(letter);
    }
    screen.say(&rows(&screen, &letters).to_string())?;
    let more = if (letters.len() as u64) < all {
        "; --limit shows more, --summary counts them"
    } else {
        ""
    };
    screen.say(&format!(
        "{} of {} shown{more}.",
        letters.len(),
        counted(all)
    ))
}

fn rows(screen: &Screen, letters: &[LetterHead]) -> Table {
    let titles = [
        "letter",
        "filed (UTC)",
        "service",
        "reason",
        "state",
        "event",
        "detail",
    ];
    let mut table = screen.table(titles);
    let ids: Vec<_> = letters.iter().map(|letter| letter.id).collect();
    for (letter, id) in letters.iter().zip(shortest(&ids)) {
        let event = letter.event.as_ref().map(|(_, id)| printable(id));
        let mut row = Row::from([
            id,
            letter.created_at.format("%m-%d %H:%M:%S").to_string(),
            letter.service.to_string(),
            letter.reason.to_string(),
            state(letter).to_owned(),
            event.unwrap_or_default(),
            printable(&letter.detail),
        ]);
        row.max_height(1);
        table.add_row(row);
    }
    // The width is for the detail, as far as the others leave it.
    let state = if letters.iter().all(|letter| state(letter) == WAITING) {
        Hidden
    } else {
        ContentWidth
    };
    let event = if screen.width() < WIDE {
        Hidden
    } else {
        UpperBoundary(Width::Percentage(15))
    };
    table.set_constraints([
        ContentWidth,
        ContentWidth,
        ContentWidth,
        ContentWidth,
        state,
        event,
    ]);
    table
}

fn sum(counts: &[LetterCount]) -> u64 {
    let all: i64 = counts.iter().map(|count| count.count).sum();
    all.unsigned_abs()
}
