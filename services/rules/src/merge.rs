//! The one place where a receiver's channels are computed from rules.

use proto_events::{Channel, ChannelSet};

/// Who is to receive, and by which way of addressing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receiver {
    /// The system's own channels.
    System,
    /// A user among everybody who may view the object.
    Audience {
        /// Superusers hear what the system hears.
        superuser: bool,
    },
    /// A user whom the event names.
    Recipient {
        /// The event is on the trump list.
        trumped: bool,
    },
}

/// The channels that each applicable rule names in the event's column; `None` where there is no
/// such rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    /// The system rule, or its defaults.
    pub(crate) system: ChannelSet,
    /// The receiver's personal rule.
    pub(crate) personal: Option<ChannelSet>,
    /// The receiver's rule for the event's product.
    pub(crate) product: Option<ChannelSet>,
}

/// What can reach a person: every channel but Teams, which exists at system scope only.
const PERSONAL_CHANNELS: ChannelSet = ChannelSet::EMPTY
    .with(Channel::Alert)
    .with(Channel::Mail)
    .with(Channel::Slack)
    .with(Channel::Webhooks);

/// Merges rules; no rule takes a channel away that another names (DefectDojo
/// `notifications/helper.py`, `_process_notifications`):
///
/// | receiver | system rule | personal rule | product rule |
/// |---|---|---|---|
/// | system | its channels | – | – |
/// | user of the audience | adds, for a superuser | adds | adds |
/// | recipient without a personal rule | – | – | – |
/// | recipient | adds, if trumped | adds | – |
///
/// A superuser needs no rule of their own to be told; a recipient needs a personal rule.
pub(crate) fn merge(receiver: Receiver, rows: Rows) -> ChannelSet {
    let system_if = |adds: bool| if adds { rows.system } else { ChannelSet::EMPTY };
    match receiver {
        Receiver::System => rows.system,
        Receiver::Audience { superuser } => [rows.personal, rows.product]
            .into_iter()
            .flatten()
            .fold(system_if(superuser), ChannelSet::union)
            .intersection(PERSONAL_CHANNELS),
        Receiver::Recipient { trumped } => rows.personal.map_or(ChannelSet::EMPTY, |personal| {
            personal
                .union(system_if(trumped))
                .intersection(PERSONAL_CHANNELS)
        }),
    }
}
