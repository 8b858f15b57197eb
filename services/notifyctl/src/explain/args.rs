//! `notifyctl explain`.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use clap::Args;
use proto_events::Event;
use rules::{Answer, Directory, Of, PolicyConfig};
use store::{Store, StoreConfig};

use super::{Words, scenarios};
use crate::screen::Screen;

/// What is to be explained.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// File with one event (CloudEvents JSON); - is standard input
    #[arg(
        value_name = "EVENT",
        required_unless_present = "scenarios",
        conflicts_with = "scenarios"
    )]
    event: Option<PathBuf>,
    /// Only what this user is told, also if they are not asked at all
    #[arg(long, value_name = "NAME", conflicts_with = "scenarios")]
    user: Option<String>,
    /// Only what this destination with a filter is told, also if its filter points elsewhere
    #[arg(long, value_name = "NAME", conflicts_with_all = ["scenarios", "user"])]
    destination: Option<String>,
    /// As at this time (RFC 3339), for digests and quiet hours [default: now]
    #[arg(long, value_name = "TIME", conflicts_with = "scenarios")]
    at: Option<DateTime<Utc>>,
    /// As one JSON object
    #[arg(long, conflicts_with = "scenarios")]
    json: bool,
    /// File of scenarios, one JSON object a line, each with a directory of its own; needs no database
    #[arg(long, value_name = "FILE")]
    scenarios: Option<PathBuf>,
    /// What the installation lays down, as the router has it
    #[command(flatten)]
    policy: PolicyConfig,
    /// Database, which is only read
    #[command(flatten)]
    store: StoreConfig,
}

/// Runs the command.
///
/// # Errors
/// If a file cannot be read or is no event, the database is away, or nobody is called so.
pub(crate) async fn run(args: ExplainArgs) -> anyhow::Result<()> {
    if let Some(path) = &args.scenarios {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        return scenarios(BufReader::new(file), std::io::stdout().lock())
            .with_context(|| format!("in {}", path.display()));
    }
    let path = args.event.as_deref().unwrap_or(Path::new("-"));
    let event =
        Event::parse(&read(path)?).with_context(|| format!("{} holds no event", path.display()))?;
    let store = Store::new(&args.store, "notifyctl")?;
    let directory = Directory::new(store.load_directory().await?);
    let of = match (&args.user, &args.destination) {
        (Some(user), _) => Of::User(user),
        (None, Some(destination)) => Of::Destination(destination),
        (None, None) => Of::Everybody,
    };
    let answer = Answer::new(
        &directory,
        &args.policy.policy(),
        &event,
        of,
        args.at.unwrap_or_else(Utc::now),
    )?;
    let text = if args.json {
        serde_json::to_string(&answer)?
    } else {
        Words(&answer).to_string()
    };
    Screen::new().say(&text)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut text)
    } else {
        File::open(path).and_then(|mut file| file.read_to_end(&mut text))
    };
    read.with_context(|| format!("cannot read {}", path.display()))?;
    Ok(text)
}
