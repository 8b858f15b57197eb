//! What became of a delivery, in plain words.

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use proto_events::outcome::State;
use proto_events::{Channel, Column, EventName, Reason, Service, shown};

/// The state of a delivery as a word with its colour.
pub(super) fn standing(state: State) -> Markup {
    let (class, words) = match state {
        State::Claimed => ("state", "under way"),
        State::Retrying => ("state warn", "will be tried again"),
        State::Delivered => ("state good", "delivered"),
        State::Accepted => ("state good", "accepted"),
        State::Dead => ("state bad", "given up"),
    };
    html! { span class=(class) { (words) } }
}

/// A state for a list to choose from.
pub(super) const fn state_words(state: State) -> &'static str {
    match state {
        State::Claimed => "under way",
        State::Retrying => "will be tried again",
        State::Delivered => "delivered",
        State::Accepted => "accepted (taken; nobody says whether it arrived)",
        State::Dead => "given up",
    }
}

/// Why an attempt did not succeed, or a message was given up.
pub(super) const fn why(reason: Reason) -> &'static str {
    match reason {
        Reason::Timeout => "the receiver did not answer in time",
        Reason::Connection => "no connection, or it broke",
        Reason::Dns => "the receiver's name was not found",
        Reason::Tls => "no safe connection: certificate or protocol do not fit",
        Reason::RateLimited => "the receiver asks us to slow down",
        Reason::ReceiverError => "the receiver has a fault of its own",
        Reason::BadResponse => "the receiver's answer made no sense",
        Reason::Redirected => "the receiver points elsewhere; that is not followed",
        Reason::Unauthorized => "our credentials are missing, wrong or without the right",
        Reason::Refused => "the receiver refuses this message",
        Reason::EndpointRefuses => "the endpoint refuses whatever it is sent",
        Reason::EndpointGone => "the receiver says that it is gone",
        Reason::EndpointInactive => "the endpoint is not in use",
        Reason::NotKept => "the endpoint is not in use, and too many of its messages wait already",
        Reason::RecipientGone => "the person or place is gone, or has no address",
        Reason::InvalidAddress => "the address is none",
        Reason::AddressRefused => "the address leads where nothing may be sent",
        Reason::NotConfigured => "the channel lacks a setting, such as a token",
        Reason::TooLarge => "too large for the receiver",
        Reason::Unreadable => "the message cannot be read",
        Reason::NewerVersion => "the message is of a newer release",
        Reason::Expired => "tried until its time was over",
        Reason::DeliveryLimit => "it crashed its reader again and again",
        Reason::Internal => "a fault of this service",
    }
}

/// A channel as people call it.
pub(super) const fn channel_words(channel: Channel) -> &'static str {
    match channel {
        Channel::Alert => "alerts",
        Channel::Mail => "mail",
        Channel::Slack => "Slack",
        Channel::Msteams => "Teams",
        Channel::Webhooks => "webhooks",
    }
}

/// Every channel that has deliveries, for a list to choose from.
pub(super) fn channels() -> impl Iterator<Item = (&'static str, &'static str)> {
    let named = |channel: Channel| (channel.as_str(), channel_words(channel));
    let all = Channel::ALL.into_iter();
    all.filter(|channel| *channel != Channel::Alert).map(named)
}

/// Every state, for a list to choose from.
pub(super) fn states() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = State::ALL.iter().copied();
    all.map(|state| (state.as_str(), state_words(state)))
}

/// Every reason, for a list to choose from.
pub(super) fn reasons() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = Reason::ALL.iter().copied();
    all.map(|reason| (reason.as_str(), why(reason)))
}

/// Every service, for a list to choose from.
pub(super) fn services() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = Service::ALL.into_iter();
    all.map(|service| (service.as_str(), service.as_str()))
}

/// Every event's name that has a rule column, with the words that people see for it.
pub(super) fn event_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = Column::ALL.into_iter();
    all.map(|column| (column.as_str(), column.label()))
}

/// An event's name as people read it.
pub(super) fn event_words(name: &str) -> &str {
    let column = EventName::new(name).column();
    if column == Column::Other && name != Column::Other.as_str() {
        name
    } else {
        column.label()
    }
}

/// How long something took, to two places at most.
pub(super) fn duration(length: TimeDelta) -> String {
    let milliseconds = length.num_milliseconds().max(0);
    let seconds = length.num_seconds();
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{seconds}.{} s", milliseconds % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600_000..86_400_000 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

/// How long an attempt took; empty while it is under way.
pub(super) fn took(started: DateTime<Utc>, finished: Option<DateTime<Utc>>) -> String {
    finished.map_or_else(String::new, |finished| duration(finished - started))
}

/// Text of who knows where as a page may show it: what moves or turns other text is written out.
pub(super) fn plain(text: &str) -> String {
    shown::written_out(text, &['\n', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_told_in_the_units_that_count() {
        let told = |milliseconds| duration(TimeDelta::milliseconds(milliseconds));
        assert_eq!(told(-5), "0 ms");
        assert_eq!(told(999), "999 ms");
        assert_eq!(told(1_250), "1.2 s");
        assert_eq!(told(61_000), "1 min 1 s");
        assert_eq!(told(3_660_000), "1 h 1 min");
        assert_eq!(told(90_000_000), "1 d 1 h");
    }

    #[test]
    fn letters_that_move_or_turn_others_are_written_out() {
        assert_eq!(
            plain("a\r\u{1b}[2J\u{202e}b\n\tü"),
            "a\\u000d\\u001b[2J\\u202eb\n\tü"
        );
    }
}
