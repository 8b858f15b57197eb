//! What a destination with a filter is told, as the command tells it.

use std::fmt;

use proto_events::Channel;
use proto_events::directory::Destination;
use rules::{DestinationExplanation, Held};
use serde::Serialize;

use crate::screen::printable;

/// A destination with a filter.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Filtered {
    name: String,
    channel: Channel,
    told: bool,
    reasons: Vec<String>,
    id: i64,
}

impl Filtered {
    /// What it is told, and until when that is held back.
    pub(super) fn new(
        explained: DestinationExplanation<'_>,
        held: impl Fn(&Destination) -> Option<Held>,
    ) -> Self {
        let DestinationExplanation {
            filtered,
            told,
            reasons,
        } = explained;
        let mut reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        if told {
            reasons.extend(held(&filtered.destination).map(|held| held.to_string()));
        }
        Self {
            name: filtered.name.clone(),
            channel: filtered.destination.channel,
            told,
            reasons,
            id: filtered.destination.id,
        }
    }
}

impl fmt::Display for Filtered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.told { "yes" } else { "no" };
        let (name, reasons) = (printable(&self.name), printable(&self.reasons.join("; ")));
        let channel = self.channel.as_str();
        write!(f, "{channel:<9} {word:<4} {name}: {reasons}")
    }
}
