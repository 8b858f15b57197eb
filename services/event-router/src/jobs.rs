//! From decisions to jobs, and why somebody gets none.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use proto_events::directory::{Destination, FilteredDestination, User};
use proto_events::job::VERSION;
use proto_events::{Address, Channel, DestinationId, Event, Job, Recipient, Target, ids, trim};
use rules::{Decisions, Directory, Facts};
use serde::Serialize;
use serde_json::value::RawValue;

/// How many people one alert job tells.
pub const ALERT_BATCH: usize = 500;

/// The jobs of one event, and what its record says about who gets none.
#[derive(Debug, Default)]
pub struct Plan {
    /// One job per delivery; alerts one per batch.
    pub jobs: Vec<Job>,
    /// Who is not, and why.
    pub notes: Notes,
}

/// Why somebody whom a rule or a recipients list names is not told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Notes {
    /// Named by the event, known to nobody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown_recipients: Vec<String>,
    /// Named by the event, but inactive.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inactive_recipients: Vec<String>,
    /// Named by the event, may not view the object, and `DD_DIRECTED_WITHOUT_ACCESS` is drop.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recipients_without_access: Vec<String>,
    /// Told without note and finding detail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redacted: Vec<String>,
    /// Destinations that are told because of their filters, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub told_by_filter: Vec<String>,
    /// A rule names the channel, but there is no address, channel or endpoint to go to.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub no_destination: BTreeMap<Channel, Vec<Option<String>>>,
    /// Endpoints that a person switched off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub endpoint_inactive: Vec<DestinationId>,
    /// Destinations that are told later, with the moment: a digest, or the end of quiet hours.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub held_until: BTreeMap<DestinationId, DateTime<Utc>>,
}

/// Makes the jobs of an event as of a moment, on which it depends which of them are held back.
#[must_use]
pub fn plan(
    event: &Event,
    raw: &Arc<RawValue>,
    directory: &Directory,
    decisions: &Decisions<'_>,
    now: DateTime<Utc>,
) -> Plan {
    let mut planning = Planning {
        event,
        whole: raw,
        short: trim::trimmed(raw),
        directory,
        facts: Facts::from(event),
        now,
        plan: Plan::default(),
    };
    planning.alerts(decisions);
    for channel in decisions
        .system
        .iter()
        .filter(|channel| *channel != Channel::Alert)
    {
        planning.destinations(channel, None, false);
    }
    for filtered in &decisions.destinations {
        planning.filtered(filtered);
    }
    for told in &decisions.users {
        for channel in told
            .channels
            .iter()
            .filter(|channel| *channel != Channel::Alert)
        {
            planning.destinations(channel, Some(told.user), told.redacted);
        }
    }
    let notes = &mut planning.plan.notes;
    notes.unknown_recipients = decisions
        .notes
        .unknown
        .iter()
        .map(ToString::to_string)
        .collect();
    notes.inactive_recipients = names(&decisions.notes.inactive);
    notes.recipients_without_access = names(&decisions.notes.dropped);
    notes.redacted = decisions
        .users
        .iter()
        .filter(|told| told.redacted)
        .map(|told| told.user.username.clone())
        .collect();
    planning.plan
}

fn names(users: &[&User]) -> Vec<String> {
    users.iter().map(|user| user.username.clone()).collect()
}

struct Planning<'a> {
    event: &'a Event,
    whole: &'a Arc<RawValue>,
    short: Arc<RawValue>,
    directory: &'a Directory,
    facts: Facts<'a>,
    now: DateTime<Utc>,
    plan: Plan,
}

impl Planning<'_> {
    /// Alert jobs: the system's and people's together, in batches; those who may not see
    /// everything apart, since redaction holds for a whole job.
    fn alerts(&mut self, decisions: &Decisions<'_>) {
        let mut open = Vec::new();
        let mut redacted = Vec::new();
        if decisions.system.contains(Channel::Alert) {
            open.push(None);
        }
        for told in decisions
            .users
            .iter()
            .filter(|told| told.channels.contains(Channel::Alert))
        {
            let list = if told.redacted {
                &mut redacted
            } else {
                &mut open
            };
            list.push(Some(told.user.id));
        }
        for (recipients, redacted) in [(open, false), (redacted, true)] {
            for batch in recipients.chunks(ALERT_BATCH) {
                self.push(
                    Target::Alert {
                        recipients: batch.to_vec(),
                    },
                    redacted,
                    None,
                );
            }
        }
    }

    fn destinations(&mut self, channel: Channel, user: Option<&User>, redacted: bool) {
        let directory = self.directory;
        let mut none = true;
        for destination in directory.destinations(user.map(|user| user.id), channel) {
            none = false;
            self.destination(destination, user, redacted);
        }
        if none {
            let name = user.map(|user| user.username.clone());
            self.plan
                .notes
                .no_destination
                .entry(channel)
                .or_default()
                .push(name);
        }
    }

    fn filtered(&mut self, filtered: &FilteredDestination) {
        let told = &mut self.plan.notes.told_by_filter;
        if !filtered.destination.switched_off {
            told.push(filtered.name.clone());
        }
        self.destination(&filtered.destination, None, false);
    }

    fn destination(&mut self, destination: &Destination, user: Option<&User>, redacted: bool) {
        if destination.switched_off {
            self.plan.notes.endpoint_inactive.push(destination.id);
            return;
        }
        let address = Address {
            destination: destination.id,
            recipient: user.map(|user| Recipient {
                id: user.id,
                username: user.username.clone(),
            }),
        };
        if let Some(target) = Target::at(destination.channel, address) {
            let held = self.directory.held(destination, &self.facts, self.now);
            let window = held.map(|held| held.due);
            let notes = &mut self.plan.notes.held_until;
            notes.extend(window.map(|due| (destination.id, due)));
            self.push(target, redacted, window);
        }
    }

    fn push(&mut self, to: Target, redacted: bool, window: Option<DateTime<Utc>>) {
        let event = if to.channel() == Channel::Webhooks {
            self.whole
        } else {
            &self.short
        };
        self.plan.jobs.push(Job {
            version: VERSION,
            id: ids::job(&self.event.source, &self.event.id, &to),
            to,
            redacted,
            window,
            digest: None,
            event: Arc::clone(event),
        });
    }
}
