//! What every event must bring, and how its messages are told from others.

use proto_events::Channel;
use system_tests::play::Play;

/// What every event must bring, besides alerts.
pub(super) const TARGETS: [(Channel, &str); 6] = [
    (Channel::Mail, "mei@hafen.example"),
    (Channel::Slack, "#appsec"),
    (Channel::Slack, "UADMIN"),
    (Channel::Msteams, "workflow"),
    (Channel::Webhooks, "system"),
    (Channel::Webhooks, "mei"),
];

/// Who has an alert of every event.
pub(super) const ALERTED: [Option<&str>; 3] = [None, Some("admin"), Some("mei")];

/// Names an event's number where a receiver finds it.
const MARK: &str = "chaos-";
const DIGITS: usize = 6;

/// How many of [`TARGETS`] a channel has.
pub(super) fn targets(channel: Channel) -> usize {
    TARGETS.iter().filter(|target| target.0 == channel).count()
}

/// The words in an event's title that tell its number.
pub(super) fn mark(number: usize) -> String {
    format!("{MARK}{number:0DIGITS$}")
}

/// The number of the event that a message tells of.
pub(super) fn number(body: &str) -> Option<usize> {
    let (_, rest) = body.split_once(MARK)?;
    rest.get(..DIGITS)?.parse().ok()
}

/// How many of the test's events the router has decided.
pub(super) async fn decided(play: &Play) -> usize {
    let events = play.store().decided_events().await.unwrap();
    events
        .iter()
        .filter(|event| event.id.starts_with(MARK))
        .count()
}
