//! `notifyctl events publish` and `notifyctl directory publish`.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chassis::Runtime;
use chassis::broker::{Headers, Outgoing, Published, Publisher, Session};
use chassis::config::BrokerConfig;
use chrono::Utc;
use indicatif::{ProgressBar, ProgressDrawTarget};
use proto_events::{DirectoryChange, Event, directory_change};

/// How many messages are on their way to the broker at once.
const WINDOW: usize = 256;

/// What files hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goods {
    /// Events, for the router.
    Events,
    /// Changes of the directory, for directory-sync.
    DirectoryChanges,
}

impl Goods {
    const fn noun(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::DirectoryChanges => "changes",
        }
    }

    fn exchange(self, broker: &BrokerConfig) -> String {
        match self {
            Self::Events => broker.broker_prefix.events(),
            Self::DirectoryChanges => broker.broker_prefix.directory(),
        }
    }

    fn message(self, text: &str, broker: &BrokerConfig) -> anyhow::Result<Outgoing> {
        match self {
            Self::Events => message(text, broker),
            Self::DirectoryChanges => change(text, broker),
        }
    }
}

/// Publishes what files hold. All are read first: a broken one stops everything before
/// anything is sent.
///
/// # Errors
/// If a file holds something else, the broker refuses a message, or no queue is bound for it.
pub async fn run(goods: Goods, files: &[PathBuf], broker: &BrokerConfig) -> anyhow::Result<()> {
    let (noun, exchange) = (goods.noun(), goods.exchange(broker));
    let mut messages = Vec::new();
    for file in files {
        messages.extend(read(goods, file, broker)?);
    }
    let session = Session::open(broker, "notifyctl").await?;
    session.find_exchange(&exchange).await.with_context(|| {
        format!("nobody takes {noun} here; run notifyctl topology apply, or check DD_BROKER_PREFIX")
    })?;
    session.close().await;
    let (unroutable, refused) = send(&messages, broker).await?;
    if !refused.is_empty() {
        bail!(
            "{} of {} {noun} cannot be published:\n{}",
            refused.len(),
            messages.len(),
            refused.join("\n")
        );
    }
    if unroutable > 0 {
        bail!(
            "{unroutable} of {} {noun} were not taken: no queue is bound to exchange {exchange}; run notifyctl topology apply, or check DD_BROKER_PREFIX",
            messages.len(),
        );
    }
    println!("{} {noun} published and confirmed.", messages.len());
    Ok(())
}

/// Publishes messages; gives how many no queue is bound for, and why others were refused.
async fn send(
    messages: &[Outgoing],
    broker: &BrokerConfig,
) -> anyhow::Result<(usize, Vec<String>)> {
    let runtime = Runtime::new("notifyctl")?;
    let publisher = Publisher::outside(broker, &runtime);
    let bar = ProgressBar::new(messages.len() as u64);
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let mut unroutable = 0;
    let mut refused = Vec::new();
    for window in messages.chunks(WINDOW) {
        for (message, result) in window.iter().zip(publisher.publish(window).await?) {
            match result {
                Published::Confirmed => {}
                Published::Unroutable => unroutable += 1,
                Published::Refused(words) => {
                    refused.push(format!("{}: {words}", message.message_id));
                }
            }
        }
        bar.inc(window.len() as u64);
    }
    bar.finish_and_clear();
    publisher.close().await;
    Ok((unroutable, refused))
}

fn read(goods: Goods, file: &Path, broker: &BrokerConfig) -> anyhow::Result<Vec<Outgoing>> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin()
            .read_to_string(&mut text)
            .context("cannot read standard input")?;
    } else {
        text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
    }
    // One object over several lines, or one a line.
    if let Ok(message) = goods.message(&text, broker) {
        return Ok(vec![message]);
    }
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            goods
                .message(line, broker)
                .with_context(|| format!("{}, line {}", file.display(), number + 1))
        })
        .collect()
}

/// The message that a publisher sends for an event.
///
/// # Errors
/// If the text is no event.
pub fn message(text: &str, broker: &BrokerConfig) -> anyhow::Result<Outgoing> {
    let event = Event::parse(text.as_bytes())?;
    let body = text.as_bytes().to_vec();
    Ok(Outgoing::event(
        &broker.broker_prefix,
        &event,
        body,
        Utc::now(),
    ))
}

/// The message that a publisher sends for a change of the directory.
fn change(text: &str, broker: &BrokerConfig) -> anyhow::Result<Outgoing> {
    let now = Utc::now();
    let change = DirectoryChange::parse(text.as_bytes(), now)?;
    Ok(Outgoing {
        exchange: broker.broker_prefix.directory(),
        routing_key: change.kind.as_str().to_owned(),
        content_type: directory_change::CONTENT_TYPE,
        message_id: format!("{} {}", change.kind, change.subject),
        headers: Headers::first(now.timestamp_millis(), None),
        body: text.as_bytes().to_vec(),
    })
}
