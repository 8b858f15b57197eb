//! Where an endpoint stands, in plain words, and what happens next.

use maud::{Markup, html};
use proto_events::EndpointState;
use proto_events::endpoint::{DAY, REST};

use crate::pages::component::moment;
use crate::rest::notification_webhooks::Webhook;

/// A status for a list to choose from.
pub(super) const fn choice(state: EndpointState) -> &'static str {
    match state {
        EndpointState::Active => "active: works",
        EndpointState::ActiveTmp => "active_tmp: on trial after an error",
        EndpointState::InactiveTmp => "inactive_tmp: rests after an error",
        EndpointState::InactivePermanent => "inactive_permanent: not in use",
    }
}

/// A status by its word.
pub(super) fn badge(webhook: &Webhook) -> Markup {
    let (class, words) = match state(webhook) {
        Some(EndpointState::Active) => ("state good", "active"),
        // A success lifted the trial.
        Some(EndpointState::ActiveTmp) if webhook.first_error.is_none() => {
            ("state good", "works again")
        }
        Some(EndpointState::ActiveTmp) => ("state warn", "on trial"),
        Some(EndpointState::InactiveTmp) => ("state warn", "rests"),
        Some(EndpointState::InactivePermanent) if webhook.disabled_by_person => {
            ("state", "switched off")
        }
        Some(EndpointState::InactivePermanent) => ("state bad", "disabled"),
        None => ("state", webhook.status.as_str()),
    };
    html! { span class=(class) title=(webhook.status) { (words) } }
}

/// What that means, and what happens next.
pub(super) fn sentence(webhook: &Webhook) -> Markup {
    let last = webhook.last_error;
    match state(webhook) {
        Some(EndpointState::Active) => html! { "It works: messages are sent at once." },
        Some(EndpointState::ActiveTmp) if webhook.first_error.is_none() => html! {
            "It has taken a message again since its last error"
            @if let Some(last) = last { ", and counts as active from " (moment(last + DAY)) " on" } "."
        },
        Some(EndpointState::ActiveTmp) => html! {
            "It has rested after an error, and is on trial: the next message tries it alone, and the others follow once it takes that one. "
            (until_disabled(webhook))
        },
        Some(EndpointState::InactiveTmp) => html! {
            "It rests after an error"
            @if let Some(last) = last { " until " (moment(last + REST)) }
            ", then one message tries it. The others wait, and none is lost. "
            (until_disabled(webhook))
        },
        Some(EndpointState::InactivePermanent) if webhook.disabled_by_person => html! {
            "A person switched it off: no messages are made for it until it is activated."
        },
        Some(EndpointState::InactivePermanent) => html! {
            "It was disabled after errors"
            @if let Some(since) = webhook.state_since { " on " (moment(since)) }
            ": what is for it goes to the dead letters until it is activated."
        },
        None => html! {},
    }
}

/// How long the trouble may still last.
fn until_disabled(webhook: &Webhook) -> Markup {
    html! {
        @if let Some(first) = webhook.first_error {
            "If it takes none before " (moment(first + DAY)) ", the next error disables it."
        }
    }
}

fn state(webhook: &Webhook) -> Option<EndpointState> {
    webhook.status.parse().ok()
}
