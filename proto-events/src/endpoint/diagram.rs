//! The machine as a diagram.

use std::fmt::Write as _;

use super::{Cause, Condition, EndpointState, TRANSITIONS, Transition};

/// The machine as a Mermaid state diagram, one arrow for each row and state that it leads from.
#[must_use]
pub fn diagram() -> String {
    let mut text = String::from("stateDiagram-v2\n    [*] --> active: added\n");
    for row in &TRANSITIONS {
        for from in row.from {
            arrow(&mut text, *from, row);
        }
    }
    text
}

fn arrow(text: &mut String, from: EndpointState, row: &Transition) {
    let to = row.to.unwrap_or(from);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "    {from} --> {to}: {}", words(row));
}

fn words(row: &Transition) -> String {
    let cause = match row.cause {
        Cause::Success => "2xx",
        Cause::Temporary => "temporary error",
        Cause::Permanent => "permanent error",
        Cause::Time => "",
        Cause::Activated => "activated by a person",
        Cause::Deactivated => "switched off by a person",
    };
    let condition = match row.condition {
        Condition::Always => "",
        Condition::TroubleIsYoung => "first error at most 24 h ago",
        Condition::TroubleIsOld => "first error more than 24 h ago",
        Condition::Rested => "60 s after the last error",
        Condition::Well => "24 h after the last error",
    };
    let parts: Vec<&str> = [cause, condition]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(", ")
}
