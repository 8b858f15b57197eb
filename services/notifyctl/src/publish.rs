//! `notifyctl events publish`.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chassis::Runtime;
use chassis::broker::{Headers, Outgoing, Published, Publisher, Session};
use chassis::config::BrokerConfig;
use chrono::Utc;
use indicatif::{ProgressBar, ProgressDrawTarget};
use proto_events::{Event, event};

/// How many events are on their way to the broker at once.
const WINDOW: usize = 256;

/// Publishes the events of files. All are read first: a broken one stops everything
/// before anything is sent.
///
/// # Errors
/// If a file holds something that is no event, the broker refuses one, or no queue is
/// bound for events.
pub async fn run(files: &[PathBuf], broker: &BrokerConfig) -> anyhow::Result<()> {
    let mut messages = Vec::new();
    for file in files {
        messages.extend(read(file, broker)?);
    }
    let session = Session::open(broker, "notifyctl").await?;
    session
        .find_exchange(&broker.broker_prefix.events())
        .await
        .context(
            "nobody takes events here; run notifyctl topology apply, or check DD_BROKER_PREFIX",
        )?;
    session.close().await;
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
                    refused.push(format!("event {}: {words}", message.message_id));
                }
            }
        }
        bar.inc(window.len() as u64);
    }
    bar.finish_and_clear();
    publisher.close().await;
    if !refused.is_empty() {
        bail!(
            "{} of {} events cannot be published:\n{}",
            refused.len(),
            messages.len(),
            refused.join("\n")
        );
    }
    if unroutable > 0 {
        bail!(
            "{unroutable} of {} events were not taken: no queue is bound to exchange {}; run notifyctl topology apply, or check DD_BROKER_PREFIX",
            messages.len(),
            broker.broker_prefix.events()
        );
    }
    println!("{} events published and confirmed.", messages.len());
    Ok(())
}

fn read(file: &Path, broker: &BrokerConfig) -> anyhow::Result<Vec<Outgoing>> {
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
    if Event::parse(text.as_bytes()).is_ok() {
        return Ok(vec![message(&text, broker)?]);
    }
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            message(line, broker)
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
    Ok(Outgoing {
        exchange: broker.broker_prefix.events(),
        routing_key: event.name.as_str().to_owned(),
        content_type: event::CONTENT_TYPE,
        message_id: event.id,
        headers: Headers::first(Utc::now().timestamp_millis(), event.traceparent),
        body: text.as_bytes().to_vec(),
    })
}
