//! What the rules of one scope say of an event.

use proto_events::{ChannelSet, Column, Severity};

use crate::directory::Chosen;

/// What a user's or a group's rules of one scope say together; there is one such rule in the
/// store, and there may be several in DefectDojo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// The channels they name, as far as the event reaches their minimum severities.
    pub(crate) channels: ChannelSet,
    /// The first of them that mutes, by its id.
    pub(crate) muted_by: Option<i64>,
    /// The minimum severity that the event does not reach.
    pub(crate) below: Option<Severity>,
}

impl Said {
    /// Asks rules, each with its id; none if there is no rule. An event without a severity
    /// reaches every minimum.
    pub(crate) fn by<'r>(
        rules: impl Iterator<Item = (i64, &'r Chosen)>,
        column: Column,
        severity: Option<Severity>,
    ) -> Option<Self> {
        rules.fold(None, |said: Option<Self>, (id, rule)| {
            let mut said = said.unwrap_or_default();
            if rule.limits.muted {
                said.muted_by = said.muted_by.or(Some(id));
            }
            match rule.limits.minimum_severity {
                Some(minimum) if severity.is_some_and(|severity| severity < minimum) => {
                    said.below = Some(minimum);
                }
                _ => said.channels = said.channels.union(rule.channels.get(column)),
            }
            Some(said)
        })
    }
}
