//! An event as it is put to the directory: what is the same for everybody, and what the rules
//! say for one receiver.

use proto_events::directory::{RuleChannels, User};
use proto_events::payload::UserRef;
use proto_events::{Channel, ChannelSet, Column};

use crate::access::Object;
use crate::directory::{Directory, ProductEntry, UserEntry};
use crate::facts::Facts;
use crate::merge::{Receiver, Rows, merge};

/// What is the same for every receiver of an event.
pub(crate) struct Case<'d> {
    pub(crate) directory: &'d Directory,
    pub(crate) column: Column,
    /// Channels that are switched on in System Settings.
    pub(crate) enabled: ChannelSet,
    /// Channels that the event allows.
    pub(crate) allowed: ChannelSet,
    pub(crate) object: Object<'d>,
    product: Option<&'d ProductEntry>,
}

impl<'d> Case<'d> {
    pub(crate) fn new(directory: &'d Directory, facts: &Facts<'_>) -> Self {
        Self {
            directory,
            column: facts.name.column(),
            enabled: directory.settings().enabled(),
            allowed: if facts.alert_only {
                ChannelSet::ALERT
            } else {
                Channel::ALL.into_iter().collect()
            },
            object: Object::of(directory, facts),
            product: facts.product.and_then(|id| directory.product_entry(id)),
        }
    }

    /// The channels of the system or a user, after all gates.
    pub(crate) fn channels(
        &self,
        receiver: Receiver,
        user: Option<(i64, &UserEntry)>,
    ) -> ChannelSet {
        self.merged(receiver, self.rows(user))
    }

    /// What the rules come to for a receiver, after all gates.
    pub(crate) fn merged(&self, receiver: Receiver, rows: Rows) -> ChannelSet {
        merge(receiver, rows)
            .intersection(self.enabled)
            .intersection(self.allowed)
    }

    /// What the rules that apply to the system or a user name for the event.
    pub(crate) fn rows(&self, user: Option<(i64, &UserEntry)>) -> Rows {
        let channels = |rule: RuleChannels| rule.get(self.column);
        Rows {
            system: channels(self.directory.system_rule()),
            personal: user.and_then(|(_, entry)| entry.personal()).map(channels),
            product: user
                .and_then(|(id, _)| self.product?.rule(id))
                .map(channels),
        }
    }

    /// The users that a list names, by id, each once, and the names that nobody has.
    pub(crate) fn resolve(&self, recipients: &[Option<UserRef>]) -> (Vec<&'d User>, Vec<UserRef>) {
        let (mut named, mut unknown) = (Vec::new(), Vec::new());
        for reference in recipients.iter().flatten() {
            match self.directory.find(reference) {
                Some(user) => named.push(user),
                None => unknown.push(reference.clone()),
            }
        }
        named.sort_unstable_by_key(|user| user.id);
        named.dedup_by_key(|user| user.id);
        unknown.sort_by(|a, b| order(a).cmp(&order(b)));
        unknown.dedup();
        (named, unknown)
    }
}

fn order(reference: &UserRef) -> (bool, i64, &str) {
    match reference {
        UserRef::Id(id) => (false, *id, ""),
        UserRef::Username(name) => (true, 0, name),
    }
}
