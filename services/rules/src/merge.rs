//! The one place where a receiver's channels are computed from rules.

use proto_events::{Channel, ChannelSet};

use crate::said::Said;

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

/// What each applicable rule says of the event; `None` where there is no such rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    /// The channels of the system rule, or of its defaults.
    pub(crate) system: ChannelSet,
    /// The receiver's personal rule.
    pub(crate) personal: Option<Said>,
    /// The channels of the rules of all the receiver's groups.
    pub(crate) groups: ChannelSet,
    /// The receiver's rule for the event's product type.
    pub(crate) product_type: Option<Said>,
    /// The receiver's rule for the event's product.
    pub(crate) product: Option<Said>,
}

/// What can reach a person: every channel but Teams, which exists at system scope only.
const PERSONAL_CHANNELS: ChannelSet = ChannelSet::EMPTY
    .with(Channel::Alert)
    .with(Channel::Mail)
    .with(Channel::Slack)
    .with(Channel::Webhooks);

/// Merges rules (DefectDojo `notifications/helper.py`, `_process_notifications`, and what
/// `docs/rules.md` adds to it). No rule takes a channel away that another names, but for a mute:
///
/// | receiver | mute | system rule | personal rule | group, product-type and product rules |
/// |---|---|---|---|---|
/// | system | – | its channels | – | – |
/// | user of the audience | silences all | adds, for a superuser | adds | add |
/// | recipient without a personal rule | – | – | – | – |
/// | recipient | – | adds, if trumped | adds | – |
///
/// A superuser needs no rule of their own to be told; a recipient needs a personal rule.
pub(crate) fn merge(receiver: Receiver, rows: Rows) -> ChannelSet {
    let system_if = |adds: bool| if adds { rows.system } else { ChannelSet::EMPTY };
    match receiver {
        Receiver::System => rows.system,
        Receiver::Audience { .. } if rows.mute().is_some() => ChannelSet::EMPTY,
        Receiver::Audience { superuser } => [rows.personal, rows.product_type, rows.product]
            .into_iter()
            .flatten()
            .map(|said| said.channels)
            .fold(system_if(superuser), ChannelSet::union)
            .union(rows.groups)
            .intersection(PERSONAL_CHANNELS),
        Receiver::Recipient { trumped } => rows.personal.map_or(ChannelSet::EMPTY, |personal| {
            (personal.channels)
                .union(system_if(trumped))
                .intersection(PERSONAL_CHANNELS)
        }),
    }
}

/// A rule that mutes, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mute {
    /// A product rule.
    Product(i64),
    /// A product-type rule.
    ProductType(i64),
}

impl Rows {
    /// The rule that silences what the event is about, the nearest one first.
    pub(crate) fn mute(&self) -> Option<Mute> {
        let muted_by = |said: Option<Said>| said.and_then(|said| said.muted_by);
        let of_product = muted_by(self.product).map(Mute::Product);
        of_product.or_else(|| muted_by(self.product_type).map(Mute::ProductType))
    }
}
