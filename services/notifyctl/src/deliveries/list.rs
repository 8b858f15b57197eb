//! The last deliveries.

use chrono::{DateTime, Utc};
use clap::Args;
use proto_events::Channel;
use proto_events::outcome::State;
use serde_json::{Value, json};
use store::{Delivery, JobFilter, Store, StoreConfig};

use crate::moment;
use crate::screen::{Screen, printable, time};

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only those of the event of this id
    #[arg(long)]
    event: Option<String>,
    /// Only those through this channel: mail, slack, msteams, webhooks
    #[arg(long)]
    channel: Option<Channel>,
    /// Only those that stand so: claimed, retrying, delivered, accepted, dead
    #[arg(long)]
    state: Option<State>,
    /// Only those tried then or later: an RFC 3339 time, or how long ago (15m, 2h, 3d)
    #[arg(long, value_parser = moment::parse, default_value = "24h")]
    since: DateTime<Utc>,
    /// How many at most
    #[arg(long, default_value = "50")]
    limit: u32,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreConfig,
}

/// Lists deliveries.
///
/// # Errors
/// If the database is away.
pub(super) async fn run(args: &ListArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let filter = JobFilter {
        event: args.event.clone(),
        job: None,
        channel: args.channel,
        state: args.state,
        since: Some(args.since),
    };
    let deliveries = store.deliveries(&filter, args.limit).await?;
    let screen = Screen::new();
    if args.json {
        for delivery in &deliveries {
            screen.say(&object(delivery).to_string())?;
        }
        return Ok(());
    }
    if deliveries.is_empty() {
        return screen.say("No deliveries.");
    }
    let mut table = screen.table([
        "last attempt (UTC)",
        "event",
        "of",
        "channel",
        "recipient",
        "attempts",
        "state",
        "job",
    ]);
    for delivery in &deliveries {
        let reason = delivery
            .reason
            .map_or_else(String::new, |reason| format!(", {reason}"));
        table.add_row([
            time(delivery.started_at),
            printable(&delivery.event_id),
            printable(&delivery.event_name),
            delivery.channel.to_string(),
            printable(delivery.recipient.as_deref().unwrap_or("–")),
            delivery.attempt.to_string(),
            format!("{}{reason}", delivery.state),
            delivery.job.to_string(),
        ]);
    }
    screen.say(&table.to_string())
}

/// A delivery for programs.
pub(super) fn object(delivery: &Delivery) -> Value {
    json!({
        "job": delivery.job,
        "channel": delivery.channel,
        "event_source": delivery.event_source,
        "event_id": delivery.event_id,
        "event_name": delivery.event_name,
        "recipient": delivery.recipient,
        "destination": delivery.destination,
        "attempts": delivery.attempt,
        "state": delivery.state.as_str(),
        "reason": delivery.reason.map(proto_events::Reason::as_str),
        "last_attempt": delivery.started_at,
    })
}
