//! `notifyctl test-send`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use chassis::Runtime;
use chassis::broker::{Headers, Outgoing, Published, Publisher};
use chassis::config::{BrokerConfig, seconds};
use chrono::Utc;
use clap::Args;
use proto_events::job::{self, VERSION};
use proto_events::outcome::State;
use proto_events::{Address, Channel, DestinationId, Event, Job, Recipient, Target, ids};
use serde_json::json;
use serde_json::value::RawValue;
use store::{MadeAttempt, Store, StoreConfig};
use uuid::Uuid;

use crate::people;
use crate::screen::{Screen, printable};

/// What test messages call their source.
const SOURCE: &str = "notifyctl";

/// How long between two looks at the ledger.
const LOOK: Duration = Duration::from_millis(200);

#[derive(Debug, Args)]
pub(crate) struct TestSendArgs {
    /// The channel: mail, slack, msteams or webhooks
    channel: Channel,
    /// One destination of it, by its id
    #[arg(long)]
    destination: Option<DestinationId>,
    /// A person's destination, by username; without, the system's
    #[arg(long, conflicts_with = "destination")]
    user: Option<String>,
    /// How long to wait for the outcome (seconds)
    #[arg(long, default_value = "60", value_parser = seconds)]
    wait: Duration,
    #[command(flatten)]
    broker: BrokerConfig,
    #[command(flatten)]
    store: StoreConfig,
}

/// Sends a test message and waits for what comes of it.
///
/// # Errors
/// If it does not arrive in time, or there is nowhere to send it.
pub(crate) async fn run(args: &TestSendArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let screen = Screen::new();
    let job = job(args.channel, address(args, &store).await?)?;
    publish(&args.broker, &job).await?;
    screen.say(&format!(
        "Sent to the queue of {} as job {}.",
        args.channel, job.id
    ))?;
    let what = format!("wait for the outcome at {}", args.channel);
    let last = screen.step(&what, wait(&store, &job, args.wait)).await?;
    match last.state {
        State::Delivered => screen.say("It was delivered."),
        State::Accepted => {
            screen.say("It was accepted; whether it is shown, only the receiver knows.")
        }
        _ => bail!("it did not arrive: {}", seen(&last)),
    }
}

/// Where it goes.
async fn address(args: &TestSendArgs, store: &Store) -> anyhow::Result<Address> {
    let recipient = match &args.user {
        None => None,
        Some(name) => {
            let directory = store.load_directory().await?;
            let user = people::user(&directory, name)?;
            Some(Recipient {
                id: user.id,
                username: user.username.clone(),
            })
        }
    };
    if let Some(destination) = args.destination {
        return Ok(Address {
            destination,
            recipient,
        });
    }
    let whose = recipient.as_ref().map(|user| user.id);
    let found = store.destinations_of(args.channel, whose).await?;
    let Some(destination) = found.first().copied() else {
        let whose = args.user.as_deref().unwrap_or("the system");
        bail!(
            "{} has no destination of {whose}; set one, or name one with --destination",
            args.channel
        );
    };
    Ok(Address {
        destination,
        recipient,
    })
}

/// The job, as the router would make it of an event.
fn job(channel: Channel, address: Address) -> anyhow::Result<Job> {
    let id = format!("test-{}", Uuid::new_v4());
    let event = json!({
        "specversion": "1.0", "id": id, "source": SOURCE, "type": "other", "time": Utc::now(),
        "data": {
            "title": "Test message",
            "description": "Somebody tries with notifyctl test-send whether messages arrive here. Nothing has happened.",
        },
    });
    let event = RawValue::from_string(event.to_string())?;
    Event::parse(event.get().as_bytes())?;
    let to = Target::at(channel, address)
        .context("alerts have no destination; notifyctl explain shows who gets one")?;
    Ok(Job {
        version: VERSION,
        id: ids::job(SOURCE, &id, &to),
        to,
        redacted: false,
        window: None,
        event: Arc::from(event),
    })
}

async fn publish(broker: &BrokerConfig, job: &Job) -> anyhow::Result<()> {
    let runtime = Runtime::new("notifyctl")?;
    let publisher = Publisher::outside(broker, &runtime);
    let message = Outgoing {
        exchange: broker.broker_prefix.jobs(),
        routing_key: job.to.channel().as_str().to_owned(),
        content_type: job::CONTENT_TYPE,
        message_id: job.id.to_string(),
        headers: Headers::first(Utc::now().timestamp_millis(), None),
        body: serde_json::to_vec(job)?,
    };
    let published = publisher.publish(&[message]).await?;
    publisher.close().await;
    match published.first() {
        Some(Published::Confirmed) => Ok(()),
        Some(Published::Refused(words)) => bail!("the broker refuses the message: {words}"),
        _ => bail!(
            "no queue takes the message; run notifyctl topology apply, or check DD_BROKER_PREFIX"
        ),
    }
}

/// The attempt that ended it.
async fn wait(store: &Store, job: &Job, patience: Duration) -> anyhow::Result<MadeAttempt> {
    let deadline = Instant::now() + patience;
    loop {
        let last = store.attempts(job.id).await?.pop();
        let is_over =
            |attempt: &MadeAttempt| !matches!(attempt.state, State::Claimed | State::Retrying);
        if let Some(last) = last.clone().filter(is_over) {
            return Ok(last);
        }
        if Instant::now() >= deadline {
            bail!("{}", unfinished(store, job, last.as_ref(), patience).await?);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Why there is no outcome yet.
async fn unfinished(
    store: &Store,
    job: &Job,
    last: Option<&MadeAttempt>,
    patience: Duration,
) -> anyhow::Result<String> {
    let seconds = patience.as_secs();
    let waiting = store.waiting_jobs(&[job.id], None).await?;
    let why = match (last, waiting.first()) {
        (_, Some(waiting)) => format!(
            "it waits in its destination's line, {} before it; notifyctl status shows pauses, and notifyctl webhook list endpoints that rest",
            waiting.before
        ),
        (Some(last), None) => format!(
            "attempt {}: {}; it will be tried again",
            last.attempt,
            seen(last)
        ),
        (None, None) => {
            "nobody took it; is the sender running? notifyctl status shows readers".to_owned()
        }
    };
    Ok(format!(
        "no outcome within {seconds} s: {why}. notifyctl deliveries show {} goes on from here",
        job.id
    ))
}

fn seen(attempt: &MadeAttempt) -> String {
    let reason = attempt
        .reason
        .map_or_else(|| attempt.state.to_string(), |reason| reason.to_string());
    match &attempt.detail {
        Some(detail) => format!("{reason} ({})", printable(detail)),
        None => reason,
    }
}
