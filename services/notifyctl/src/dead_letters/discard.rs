//! `notifyctl dead-letters discard`.

use anyhow::bail;
use store::{Kind, Order, Resolution, Store};

use super::args::DiscardArgs;
use super::ask;
use super::select::{Survey, Walk};
use super::tell::{counted, line};
use crate::screen::Screen;

/// Marks letters as not needed any more.
pub(super) async fn run(args: &DiscardArgs) -> anyhow::Result<()> {
    let screen = Screen::new();
    let store = Store::new(&args.store, "notifyctl")?;
    let mut filter = args.selection.filter(&store, Kind::Waiting).await?;
    let survey = Survey::of(&store, &mut filter).await?;
    let mut walk = Walk::new(&store, filter, Order::OldestFirst);
    if survey.letters == 0 {
        return screen.say("Nothing to do: no such letter waits.");
    }
    if args.dry_run {
        while let Some(letter) = walk.next().await? {
            screen.say(&line(&letter))?;
        }
        return screen.say(&format!(
            "{} would be discarded: a dry run.",
            counted(survey.letters)
        ));
    }
    if !args.yes {
        if !ask::is_anybody_there() {
            bail!(
                "nobody can be asked here whether to discard {}; --yes does so, --dry-run lists them",
                counted(survey.letters)
            );
        }
        if !ask::agreed(format!("Discard {}?", counted(survey.letters))).await? {
            return screen.say("Nothing was discarded.");
        }
    }
    let mut discarded = 0;
    loop {
        let page = walk.page().await?;
        if page.is_empty() {
            break;
        }
        discarded += store.resolve(&page, Resolution::Discarded).await?;
    }
    screen.say(&format!(
        "{} discarded; notifyctl dead-letters list --resolved shows them.",
        counted(discarded)
    ))
}
