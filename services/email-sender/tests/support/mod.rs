//! What the tests share: a channel to any relay, and a mail for it.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

pub(crate) mod certificates;
pub(crate) mod relay;

use std::sync::Arc;

use delivery::{Channel as _, Task};
use email_sender::Config;
use email_sender::channel::EmailChannel;
use lettre::Message;
use proto_events::directory::Settings;
use proto_events::{Outcome, Reason};
use serde_json::{Value, json};
use store::{DeliverySettings, Place, Store};

pub(crate) const KEY: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";

/// A sender with these arguments; the database is never asked.
pub(crate) fn sender(arguments: &[&str]) -> anyhow::Result<EmailChannel> {
    chassis::start::install_tls_provider();
    let arguments = [&["email-sender"], arguments].concat();
    let config: Config = chassis::config::parse_from(arguments).unwrap();
    let store = Store::new(&config.delivery.store, "test").unwrap();
    EmailChannel::new(&config, &store)
}

/// A sender to this relay.
pub(crate) fn sender_to(url: &str) -> EmailChannel {
    sender(&["--email-url", url]).unwrap()
}

/// A mail of an event with this payload to `alice@example.com`, who is the user 42.
pub(crate) fn task(data: &Value) -> Task {
    let alice = json!({"id": 42, "username": "alice"});
    let place = Place::Mail {
        address: "alice@example.com".to_owned(),
    };
    Task {
        settings: Arc::new(DeliverySettings {
            settings: Settings {
                email_from: "Dojo <dojo@hafen.example>".to_owned(),
                ..Settings::default()
            },
            slack_token: Ok(None),
        }),
        ..conformance::task("other", "mail", &alice, data, place)
    }
}

/// The same to one of the system's addresses.
pub(crate) fn to_the_system(data: &Value) -> Task {
    let mut task = task(data);
    let to = json!({"channel": "mail", "destination": 2, "recipient": null});
    task.job.to = serde_json::from_value(to).unwrap();
    task
}

pub(crate) fn titled(title: &str) -> Task {
    task(&json!({"title": title}))
}

/// The mail that a task becomes.
pub(crate) fn mail(channel: &EmailChannel, task: Task) -> Message {
    channel.prepare(task).unwrap()
}

/// One attempt at one mail.
pub(crate) async fn deliver(channel: &EmailChannel) -> Outcome {
    channel.deliver(&mail(channel, titled("Hello"))).await
}

/// The mail as it goes out.
pub(crate) fn written(mail: &Message) -> String {
    String::from_utf8(mail.formatted()).unwrap()
}

/// Whether an outcome is final, and why.
pub(crate) fn judged(outcome: &Outcome) -> (bool, Reason) {
    match outcome {
        Outcome::Retry { reason, .. } => (false, *reason),
        Outcome::Rejected { reason, .. } => (true, *reason),
        Outcome::Delivered(_) => unreachable!("delivered"),
    }
}

/// What is told of it.
pub(crate) fn detail(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Retry { detail, .. } | Outcome::Rejected { detail, .. } => detail,
        Outcome::Delivered(_) => unreachable!("delivered"),
    }
}
