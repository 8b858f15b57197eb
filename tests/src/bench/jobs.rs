//! Jobs to measure senders with: recorded events on their way to a place.

use anyhow::{Context, Result};
use proto_events::{Channel, DestinationId};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::events::events;

/// The places of a channel, as the store has them.
///
/// # Errors
/// If the database is away, or there are none.
pub async fn places(database: &mut PgConnection, channel: Channel) -> Result<Vec<DestinationId>> {
    let places: Vec<DestinationId> = sqlx::query_scalar(
        "SELECT id FROM destinations WHERE channel = $1 AND gone_at IS NULL ORDER BY id",
    )
    .bind(channel.as_str())
    .fetch_all(database)
    .await?;
    anyhow::ensure!(!places.is_empty(), "no destination of channel {channel}");
    Ok(places)
}

/// So many jobs of a channel, to these places in turn; each with its id.
///
/// # Errors
/// If the recorded event is not there.
pub fn jobs(
    channel: Channel,
    places: &[DestinationId],
    count: usize,
) -> Result<Vec<(String, Vec<u8>)>> {
    let events = events("scan_added", count)?;
    events
        .iter()
        .zip(places.iter().cycle())
        .map(|(event, place)| {
            let event: Value = serde_json::from_slice(event).context("an event is no JSON")?;
            let id = Uuid::new_v4().to_string();
            let to = json!({"channel": channel, "destination": place, "recipient": null});
            let job = json!({"version": 1, "id": id, "to": to, "event": event});
            Ok((id, job.to_string().into_bytes()))
        })
        .collect()
}
