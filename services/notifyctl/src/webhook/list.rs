//! Endpoints, and where they stand.

use chrono::SecondsFormat;
use clap::Args;
use proto_events::endpoint::EndpointState;
use serde_json::{Value, json};
use store::{ReviewedWebhook, Store, StoreConfig};

use crate::screen::{Screen, printable};

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only those that stand so: active, active_tmp, inactive_tmp, inactive_permanent
    #[arg(long)]
    status: Option<EndpointState>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreConfig,
}

/// Lists endpoints, by name.
///
/// # Errors
/// If the database is away.
pub(super) async fn run(args: &ListArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let mut endpoints = store.review_webhooks().await?;
    endpoints.retain(|endpoint| args.status.is_none_or(|status| status == endpoint.state));
    let screen = Screen::new();
    if args.json {
        for endpoint in &endpoints {
            screen.say(&object(endpoint).to_string())?;
        }
        return Ok(());
    }
    if endpoints.is_empty() {
        return screen.say("No endpoints.");
    }
    let mut table = screen.table([
        "id", "name", "owner", "status", "waiting", "dead", "not kept", "note",
    ]);
    for endpoint in &endpoints {
        table.add_row([
            endpoint.id.to_string(),
            printable(&endpoint.name),
            printable(endpoint.owner.as_deref().unwrap_or("–")),
            endpoint.state.to_string(),
            endpoint.waiting.to_string(),
            endpoint.dead.to_string(),
            endpoint.not_kept.to_string(),
            printable(endpoint.note.as_deref().unwrap_or("")),
        ]);
    }
    screen.say(&table.to_string())
}

fn object(endpoint: &ReviewedWebhook) -> Value {
    let time = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({
        "id": endpoint.id,
        "name": endpoint.name,
        "url": endpoint.url,
        "owner": endpoint.owner,
        "status": endpoint.state.as_str(),
        "since": time(endpoint.since),
        "disabled_by_person": endpoint.disabled_by_person,
        "first_error": endpoint.first_error.map(time),
        "last_error": endpoint.last_error.map(time),
        "note": endpoint.note,
        "waiting": endpoint.waiting,
        "dead": endpoint.dead,
        "not_kept": endpoint.not_kept,
    })
}
