//! How an endpoint came to stand where it stands.

use anyhow::Context as _;
use chrono::SecondsFormat;
use clap::Args;
use serde_json::json;
use store::{Store, StoreConfig};

use crate::screen::{Screen, printable};

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// The endpoint, by its id
    id: i64,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreConfig,
}

/// Shows an endpoint's state and the steps that led to it.
///
/// # Errors
/// If the database is away, or the endpoint is not there.
pub(super) async fn run(args: &HistoryArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let endpoints = store.review_webhooks().await?;
    let endpoint = endpoints.iter().find(|endpoint| endpoint.id == args.id);
    let endpoint = endpoint.with_context(|| format!("there is no endpoint {}", args.id))?;
    let time = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let screen = Screen::new();
    if !args.json {
        let (name, since) = (printable(&endpoint.name), time(endpoint.since));
        screen.say(&format!("{name}: {} since {since}", endpoint.state))?;
    }
    for step in store.webhook_history(args.id).await? {
        let line = if args.json {
            json!({"at": time(step.at), "from": step.from.as_str(), "to": step.to.as_str(), "note": step.note})
                .to_string()
        } else {
            let note = printable(step.note.as_deref().unwrap_or(""));
            format!("{}  {} → {}  {note}", time(step.at), step.from, step.to)
        };
        screen.say(line.trim_end())?;
    }
    Ok(())
}
