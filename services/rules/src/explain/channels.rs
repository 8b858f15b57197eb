//! Why a receiver is told through a channel: what each rule says, and what keeps it shut.

use proto_events::{Channel, ChannelSet};

use super::{ChannelExplanation, Explainer, Reason, RuleKind};
use crate::merge::{Receiver, Rows};

impl Explainer<'_, '_> {
    pub(super) fn channels(&self, receiver: Receiver, rows: Rows) -> Vec<ChannelExplanation> {
        let told = self.case.merged(receiver, rows);
        let explained = Channel::ALL.into_iter().map(|channel| ChannelExplanation {
            channel,
            told: told.contains(channel),
            reasons: self.reasons(receiver, rows, channel),
        });
        explained.collect()
    }

    /// What the rules say of a channel, and what keeps it shut.
    fn reasons(&self, receiver: Receiver, rows: Rows, channel: Channel) -> Vec<Reason> {
        if receiver != Receiver::System && channel == Channel::Msteams {
            return vec![Reason::SystemAlone(channel)];
        }
        let column = self.case.column;
        let says = |rule, channels: ChannelSet| Reason::Rule {
            rule,
            names: channels.contains(channel),
            channel,
            column,
        };
        let mut reasons = Vec::new();
        let by_system = match receiver {
            Receiver::System => Some(RuleKind::System),
            Receiver::Audience { superuser } => superuser.then_some(RuleKind::OfSuperuser),
            Receiver::Recipient { trumped } => trumped.then_some(RuleKind::Trump),
        };
        reasons.extend(by_system.map(|rule| says(rule, rows.system)));
        if receiver != Receiver::System {
            reasons.push(match rows.personal {
                Some(channels) => says(RuleKind::Personal, channels),
                None => Reason::NoRule,
            });
        }
        if let (Receiver::Audience { .. }, Some(channels), Some(product)) =
            (receiver, rows.product, self.facts.product)
        {
            reasons.push(says(RuleKind::Product(product), channels));
        }
        if !self.case.enabled.contains(channel) {
            reasons.push(Reason::SwitchedOff(channel));
        }
        if !self.case.allowed.contains(channel) {
            reasons.push(Reason::AlertOnly);
        }
        reasons
    }
}
