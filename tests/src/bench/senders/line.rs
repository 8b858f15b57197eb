//! The lines of the table: which sender, and how far its receiver is.

use proto_events::{Channel, Service};

use crate::bench::figures::{Figures, verdict};

/// What is wanted of the limit.
const GOAL: f64 = 0.8;

/// One line of the table.
pub(super) struct Line {
    pub(super) service: Service,
    pub(super) channel: Channel,
    /// Milliseconds after which the receiver answers; none: the mail server, which does at once.
    pub(super) after: Option<u64>,
}

/// A receiver on the internet (Slack's and Teams' answers take longer still), and one next door.
const FAR: u64 = 50;
pub(super) const NEAR: u64 = 2;

pub(super) const LINES: [Line; 8] = [
    Line::mail(),
    Line::http(Service::SlackSender, Channel::Slack, FAR),
    Line::http(Service::SlackSender, Channel::Slack, NEAR),
    Line::http(Service::TeamsSender, Channel::Msteams, FAR),
    Line::http(Service::TeamsSender, Channel::Msteams, NEAR),
    Line::http(Service::WebhookSender, Channel::Webhooks, FAR),
    Line::http(Service::WebhookSender, Channel::Webhooks, NEAR),
    Line::http(Service::WebhookSender, Channel::Webhooks, 0),
];

/// What the rounds of a line came to.
#[derive(Default)]
pub(super) struct Came {
    pub(super) ours: Figures,
    pub(super) limit: Figures,
    pub(super) cpu: Figures,
    pub(super) resident: Figures,
}

impl Line {
    const fn mail() -> Self {
        Self {
            service: Service::EmailSender,
            channel: Channel::Mail,
            after: None,
        }
    }

    const fn http(service: Service, channel: Channel, after: u64) -> Self {
        Self {
            service,
            channel,
            after: Some(after),
        }
    }

    pub(super) fn name(&self) -> String {
        match self.after {
            Some(after) => format!("{}, receiver answers after {after} ms", self.service),
            None => self.service.to_string(),
        }
    }

    pub(super) fn row(&self, came: &Came) -> Vec<String> {
        let ratio = came.ours.over(&came.limit).median();
        let calm = came.ours.calm() && came.limit.calm();
        vec![
            self.name(),
            came.ours.shown(),
            came.limit.shown(),
            format!("{ratio:.2}"),
            format!("≥ {GOAL}"),
            verdict(ratio >= GOAL, calm),
            format!("{:.0}", came.cpu.median()),
            format!("{:.0}", came.resident.median()),
        ]
    }
}
