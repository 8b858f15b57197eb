//! Attempts as the ledger tells of them.

use comfy_table::ColumnConstraint;
use serde_json::{Value, json};
use store::browse::ListedDelivery;

use crate::screen::{Screen, printable, time};

/// A row for each attempt.
pub(crate) fn table(screen: &Screen, attempts: &[ListedDelivery]) -> String {
    if attempts.is_empty() {
        return "nothing: no attempt of it was made, or its channel keeps no ledger".to_owned();
    }
    let titles = [
        "replay",
        "attempt",
        "state",
        "began (UTC)",
        "ended (UTC)",
        "what was seen",
    ];
    let mut table = screen.table(titles);
    for attempt in attempts {
        let replay = Some(attempt.job.replay()).filter(|replay| *replay > 0);
        table.add_row([
            replay.map_or_else(String::new, |replay| format!(".r{replay}")),
            attempt.attempt.to_string(),
            attempt.state.to_string(),
            time(attempt.started_at),
            attempt.finished_at.map(time).unwrap_or_default(),
            seen(attempt),
        ]);
    }
    table.set_constraints([ColumnConstraint::ContentWidth; 5]);
    table.to_string()
}

fn seen(attempt: &ListedDelivery) -> String {
    let parts = [
        attempt.reason.map(|reason| reason.to_string()),
        attempt.status.map(|status| status.to_string()),
        attempt.detail.as_deref().map(printable),
        attempt
            .provider_id
            .as_deref()
            .map(|id| format!("the receiver's id: {}", printable(id))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// An attempt for programs.
pub(crate) fn object(attempt: &ListedDelivery) -> Value {
    json!({
        "job": attempt.job,
        "attempt": attempt.attempt,
        "state": attempt.state.as_str(),
        "reason": attempt.reason.map(proto_events::Reason::as_str),
        "detail": attempt.detail,
        "provider_id": attempt.provider_id,
        "status": attempt.status,
        "started_at": attempt.started_at,
        "finished_at": attempt.finished_at,
    })
}
