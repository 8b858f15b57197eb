//! What the rules say of each channel, and what keeps it shut.

use proto_events::{Channel, ChannelSet};

use super::names::RuleKind;
use super::reason::Reason;
use super::{ChannelExplanation, Explainer};
use crate::merge::{Receiver, Rows};
use crate::said::Said;

impl Explainer<'_, '_> {
    /// Every channel of the system or, by their id, a user.
    pub(super) fn channels(
        &self,
        receiver: Receiver,
        user: Option<i64>,
        rows: Rows,
    ) -> Vec<ChannelExplanation> {
        let told = self.case.merged(receiver, rows);
        let explained = Channel::ALL.into_iter().map(|channel| ChannelExplanation {
            channel,
            told: told.contains(channel),
            reasons: self.reasons(receiver, user, rows, channel),
        });
        explained.collect()
    }

    fn reasons(
        &self,
        receiver: Receiver,
        user: Option<i64>,
        rows: Rows,
        channel: Channel,
    ) -> Vec<Reason> {
        if receiver != Receiver::System && channel == Channel::Msteams {
            return vec![Reason::SystemAlone(channel)];
        }
        let mut reasons = Vec::new();
        let by_system = match receiver {
            Receiver::System => Some(RuleKind::System),
            Receiver::Audience { superuser } => superuser.then_some(RuleKind::OfSuperuser),
            Receiver::Recipient { trumped } => trumped.then_some(RuleKind::Trump),
        };
        reasons.extend(by_system.map(|rule| self.names(rule, rows.system, channel)));
        if receiver != Receiver::System {
            reasons.push(match rows.personal {
                Some(said) => self.says(RuleKind::Personal, said, channel),
                None => Reason::NoRule,
            });
        }
        if let (Receiver::Audience { .. }, Some(user)) = (receiver, user) {
            self.added(user, rows, channel, &mut reasons);
        }
        if !self.case.enabled.contains(channel) {
            reasons.push(Reason::SwitchedOff(channel));
        }
        if !self.case.allowed.contains(channel) {
            reasons.push(Reason::AlertOnly);
        }
        reasons
    }

    /// What is added to the personal rule of a user of the audience.
    fn added(&self, user: i64, rows: Rows, channel: Channel, reasons: &mut Vec<Reason>) {
        for (id, said) in self.case.groups_of(user) {
            let entry = self.case.directory.group(id);
            let name = entry.and_then(|entry| entry.group.as_ref());
            let group = name.map_or_else(|| id.to_string(), |group| group.name.clone());
            let adds = said.channels.contains(channel);
            reasons.push(match said.below {
                Some(_) if !adds => self.says(RuleKind::Group(group), said, channel),
                _ => Reason::OfGroup {
                    group,
                    adds,
                    channel,
                },
            });
        }
        if let (Some(said), Some(id)) = (rows.product_type, self.case.product_type_id) {
            reasons.push(self.says(RuleKind::ProductType(id), said, channel));
        }
        if let (Some(said), Some(id)) = (rows.product, self.facts.product) {
            reasons.push(self.says(RuleKind::Product(id), said, channel));
        }
    }

    /// What a rule with a minimum severity, or without one, says.
    fn says(&self, rule: RuleKind, said: Said, channel: Channel) -> Reason {
        match (said.below, self.case.severity) {
            (Some(minimum), Some(severity)) if !said.channels.contains(channel) => Reason::Below {
                rule,
                severity,
                minimum,
            },
            _ => self.names(rule, said.channels, channel),
        }
    }

    fn names(&self, rule: RuleKind, channels: ChannelSet, channel: Channel) -> Reason {
        Reason::Rule {
            rule,
            names: channels.contains(channel),
            channel,
            column: self.case.column,
        }
    }
}
