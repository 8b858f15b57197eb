//! Shortens what people's channels would not show anyway.
//!
//! A re-import of thousands of findings is ordinary, and would be copied into every
//! job. Mail, Slack, Teams and alert jobs carry the first [`FINDINGS`] findings and
//! the full counts; webhook jobs carry everything.

use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::payload::FindingsCounts;

/// Events up to this size (bytes) travel whole.
pub const LIMIT: usize = 16 * 1024;

/// How many findings of each list remain.
pub const FINDINGS: usize = 50;

/// The event with long finding lists cut and `data.findings_counts` telling what there was.
#[must_use]
pub fn trimmed(event: &Arc<RawValue>) -> Arc<RawValue> {
    if event.get().len() <= LIMIT {
        return Arc::clone(event);
    }
    cut(event.get()).map_or_else(|| Arc::clone(event), Arc::from)
}

fn cut(event: &str) -> Option<Box<RawValue>> {
    let mut event: Value = serde_json::from_str(event).ok()?;
    let data = event.get_mut("data")?.as_object_mut()?;
    // A publisher that told only a part of a list said how long it was.
    let told = data.get("findings_counts").cloned().unwrap_or_default();
    let mut counts: FindingsCounts = serde_json::from_value(told).unwrap_or_default();
    match data.get_mut("findings") {
        Some(Value::Object(lists)) => {
            for (name, list) in lists {
                shorten(name, list, &mut counts);
            }
        }
        Some(list) => shorten("list", list, &mut counts),
        None => {}
    }
    for name in ["accepted_findings", "reactivated_findings"] {
        if let Some(list) = data.get_mut(name) {
            shorten(name, list, &mut counts);
        }
    }
    data.insert(
        "findings_counts".to_owned(),
        serde_json::to_value(counts).ok()?,
    );
    serde_json::value::to_raw_value(&event).ok()
}

fn shorten(name: &str, list: &mut Value, counts: &mut FindingsCounts) {
    if let Value::Array(findings) = list {
        let count = counts.entry(name.to_owned()).or_default();
        *count = (*count).max(findings.len() as u64);
        findings.truncate(FINDINGS);
    }
}
