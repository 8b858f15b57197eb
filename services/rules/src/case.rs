//! An event as it is put to the directory: what is the same for everybody, and what the rules
//! say for one receiver.

use proto_events::directory::User;
use proto_events::payload::UserRef;
use proto_events::{Channel, ChannelSet, Column, Severity};

use crate::access::Object;
use crate::directory::{
    Chosen, Directory, Links, ProductEntry, ProductTypeEntry, Rules, UserEntry, rules_of,
};
use crate::facts::Facts;
use crate::merge::{Receiver, Rows, merge};
use crate::said::Said;

/// What is the same for every receiver of an event.
pub(crate) struct Case<'d> {
    pub(crate) directory: &'d Directory,
    pub(crate) column: Column,
    /// Channels that are switched on in System Settings.
    pub(crate) enabled: ChannelSet,
    /// Channels that the event allows.
    pub(crate) allowed: ChannelSet,
    pub(crate) object: Object<'d>,
    /// What minimum severities are compared with; none if no rule's minimum counts.
    pub(crate) severity: Option<Severity>,
    /// The type of the product; of a product that is not known, the event's own.
    pub(crate) product_type_id: Option<i64>,
    pub(crate) product: Option<&'d ProductEntry>,
    product_type: Option<&'d ProductTypeEntry>,
    /// The channels of the system rule for the event.
    system: ChannelSet,
    /// What the rules of groups say; of a directed event, nothing.
    groups: Vec<GroupSaid<'d>>,
}

/// What a group's rules say to its users.
struct GroupSaid<'d> {
    group: i64,
    users: &'d Links,
    said: Said,
}

impl<'d> Case<'d> {
    pub(crate) fn new(directory: &'d Directory, facts: &Facts<'_>) -> Self {
        let broadcast = facts.recipients.is_none();
        let product = facts.product.and_then(|id| directory.product_entry(id));
        let column = facts.name.column();
        let product_type_id = product.map_or(facts.product_type, |entry| Some(entry.product_type));
        let mut case = Self {
            directory,
            column,
            enabled: directory.settings().enabled(),
            allowed: if facts.alert_only {
                ChannelSet::ALERT
            } else {
                Channel::ALL.into_iter().collect()
            },
            object: Object::of(directory, facts),
            // Whoever is named is told, however harmless the finding.
            severity: facts.severity.filter(|_| broadcast),
            product_type_id,
            product,
            product_type: product_type_id.and_then(|id| directory.product_type_entry(id)),
            system: directory.system_rule().get(column),
            groups: Vec::new(),
        };
        if broadcast {
            case.groups = case.ask_groups();
        }
        case
    }

    /// What the rules of each group say, in order of the groups' ids.
    fn ask_groups(&self) -> Vec<GroupSaid<'d>> {
        let mut groups: Vec<GroupSaid<'d>> = Vec::new();
        let rules = self.directory.group_rules();
        for (group, _) in rules.keys() {
            let asked = groups.last().is_some_and(|last| last.group == *group);
            let entry = self.directory.group(*group).filter(|_| !asked);
            let said = self.said(rules_of(rules, *group));
            groups.extend(entry.zip(said).map(|(entry, said)| GroupSaid {
                group: *group,
                users: &entry.users,
                said,
            }));
        }
        groups
    }

    /// What rules say of the event.
    fn said<'r>(&self, rules: impl Iterator<Item = (i64, &'r Chosen)>) -> Option<Said> {
        Said::by(rules, self.column, self.severity)
    }

    /// The groups with rules that a user is in, by id, with what those say.
    pub(crate) fn groups_of(&self, user: i64) -> impl Iterator<Item = (i64, Said)> {
        let of_user = move |group: &&GroupSaid<'_>| group.users.contain(user);
        let groups = self.groups.iter().filter(of_user);
        groups.map(|group| (group.group, group.said))
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
        let mut rows = Rows {
            system: self.system,
            personal: None,
            groups: ChannelSet::EMPTY,
            product_type: None,
            product: None,
        };
        let Some((id, entry)) = user else {
            return rows;
        };
        let personal = entry.personal.iter().map(|(rule, chosen)| (*rule, chosen));
        rows.personal = self.said(personal);
        for (_, said) in self.groups_of(id) {
            rows.groups = rows.groups.union(said.channels);
        }
        rows.product_type = self.said_of(self.product_type.map(|entry| &entry.rules), id);
        rows.product = self.said_of(self.product.map(|entry| &entry.rules), id);
        rows
    }

    /// What a user's rules among these say; most products and types have none of anybody's.
    fn said_of(&self, rules: Option<&Rules>, user: i64) -> Option<Said> {
        let rules = rules.filter(|rules| !rules.is_empty())?;
        self.said(rules_of(rules, user))
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
