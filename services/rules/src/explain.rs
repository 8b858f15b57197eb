//! Why the system or a user is told of an event through a channel, or is not: the decision's
//! own steps, written down.

mod channels;
mod destinations;
mod names;
mod reason;

use proto_events::Channel;
use proto_events::directory::User;

pub use destinations::DestinationExplanation;
pub use names::{Muted, RuleKind, Subject};
pub use reason::Reason;

use crate::access::Object;
use crate::case::Case;
use crate::directory::Directory;
use crate::facts::Facts;
use crate::merge::{Receiver, Rows};
use crate::policy::{Policy, WithoutAccess};

/// Explains the decision on one event.
pub struct Explainer<'d, 'e> {
    case: Case<'d>,
    policy: &'e Policy,
    facts: Facts<'e>,
}

/// What the system or a user is told, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation<'d> {
    /// Who; none is the system.
    pub user: Option<&'d User>,
    /// What holds for every channel.
    pub reasons: Vec<Reason>,
    /// Note and finding details are left out.
    pub redacted: bool,
    /// Each channel that the receiver could be told through; none if the reasons above
    /// already say that they are told nothing.
    pub channels: Vec<ChannelExplanation>,
}

/// Whether a channel is used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelExplanation {
    /// The channel.
    pub channel: Channel,
    /// Whether the receiver is told through it.
    pub told: bool,
    /// What each rule that counts says, then what keeps the channel shut.
    pub reasons: Vec<Reason>,
}

impl<'d> Explanation<'d> {
    const fn of(user: Option<&'d User>) -> Self {
        Self {
            user,
            reasons: Vec::new(),
            redacted: false,
            channels: Vec::new(),
        }
    }
}

impl<'d, 'e> Explainer<'d, 'e> {
    /// Takes a decision apart.
    #[must_use]
    pub fn new(directory: &'d Directory, policy: &'e Policy, facts: Facts<'e>) -> Self {
        Self {
            case: Case::new(directory, &facts),
            policy,
            facts,
        }
    }

    /// Everybody who is asked: who may view the object of a broadcast, or is named by the
    /// event; by id.
    #[must_use]
    pub fn asked(&self) -> Vec<&'d User> {
        let case = &self.case;
        match self.facts.recipients {
            Some(recipients) => case.resolve(recipients).0,
            None if self.facts.no_users => Vec::new(),
            None => {
                let audience = case.object.audience(case.directory).into_iter();
                audience.filter_map(|id| case.directory.user(id)).collect()
            }
        }
    }

    /// What the system is told.
    #[must_use]
    pub fn system(&self) -> Explanation<'d> {
        let mut explanation = Explanation::of(None);
        if self.facts.recipients.is_some() {
            explanation.reasons.push(Reason::Directed);
        } else {
            explanation.reasons.push(Reason::Broadcast);
            explanation.channels = self.channels(Receiver::System, None, self.case.rows(None));
        }
        explanation
    }

    /// What a user is told.
    #[must_use]
    pub fn user(&self, user: &'d User) -> Explanation<'d> {
        let entry = self.case.directory.entry(user.id);
        let rows = self.case.rows(entry.map(|entry| (user.id, entry)));
        let mut explanation = Explanation::of(Some(user));
        let receiver = if self.facts.recipients.is_some() {
            self.named(user, rows, &mut explanation)
        } else {
            self.in_audience(user, rows, &mut explanation.reasons)
        };
        if let Some(receiver) = receiver {
            explanation.channels = self.channels(receiver, Some(user.id), rows);
        }
        explanation.redacted &= explanation.channels.iter().any(|channel| channel.told);
        explanation
    }

    /// How a user hears of a broadcast, if they do.
    fn in_audience(&self, user: &User, rows: Rows, reasons: &mut Vec<Reason>) -> Option<Receiver> {
        if self.facts.no_users {
            reasons.push(Reason::NoUsers);
            return None;
        }
        let heard = match (&self.case.object, self.case.object.way(user.id)) {
            (Object::Unnamed, _) => {
                reasons.push(Reason::OnlySuperusers(user.superuser));
                user.superuser
            }
            (_, Some(way)) => {
                reasons.push(Reason::authorised(self.case.directory, user, way));
                true
            }
            (_, None) => {
                reasons.push(Reason::NotAuthorised(Subject::of(
                    self.case.directory,
                    &self.facts,
                )));
                false
            }
        };
        if !user.active {
            reasons.push(Reason::Inactive);
        }
        if let Some(mute) = rows.mute().filter(|_| heard && user.active) {
            reasons.push(Reason::Muted(mute.into()));
            return None;
        }
        (heard && user.active).then_some(Receiver::Audience {
            superuser: user.superuser,
        })
    }

    /// How a user is told of an event with recipients, if they are.
    fn named(
        &self,
        user: &User,
        rows: Rows,
        explanation: &mut Explanation<'_>,
    ) -> Option<Receiver> {
        let reasons = &mut explanation.reasons;
        let named = self.asked().iter().any(|asked| asked.id == user.id);
        reasons.push(Reason::Named(named));
        if named && !user.active {
            reasons.push(Reason::Inactive);
        }
        if !named || !user.active {
            return None;
        }
        if rows.personal.is_none() {
            reasons.push(Reason::NoPersonalRule);
            return None;
        }
        match self.case.object.way(user.id) {
            Some(way) => reasons.push(Reason::authorised(self.case.directory, user, way)),
            None if matches!(self.case.object, Object::Unnamed) => {}
            None => {
                let way = self.policy.without_access;
                reasons.push(Reason::NotAuthorised(Subject::of(
                    self.case.directory,
                    &self.facts,
                )));
                reasons.push(Reason::WithoutAccess(way));
                explanation.redacted = way == WithoutAccess::Redact;
                if way == WithoutAccess::Drop {
                    return None;
                }
            }
        }
        reasons.extend(rows.mute().map(|mute| Reason::MutedInVain(mute.into())));
        Some(Receiver::Recipient {
            trumped: self.policy.trump.covers(self.facts.name),
        })
    }
}
