//! `notifyctl test-send`.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use chassis::Runtime;
use chassis::broker::{Outgoing, Published, Publisher};
use chassis::config::{BrokerConfig, seconds};
use chrono::Utc;
use clap::Args;
use delivery::test_message::test_message;
use proto_events::directory::User;
use proto_events::outcome::State;
use proto_events::{Address, Channel, DestinationId, JobId, Recipient, Target};
use store::browse::{DestinationFilter, ListedDelivery};
use store::{Store, StoreConfig, Window};

use crate::people;
use crate::screen::{Screen, printable};

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
    let to = Target::at(args.channel, address(args, &store).await?)
        .context("alerts have no destination; notifyctl explain shows who gets one")?;
    let (job, message) = test_message(&args.broker.broker_prefix, to, "notifyctl", Utc::now())?;
    publish(&args.broker, message).await?;
    screen.say(&format!(
        "Sent to the queue of {} as job {job}.",
        args.channel
    ))?;
    let what = format!("wait for the outcome at {}", args.channel);
    let last = screen.step(&what, wait(&store, job, args.wait)).await?;
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
    let directory = store.load_directory().await?;
    if let Some(destination) = args.destination {
        let filter = DestinationFilter {
            id: Some(destination),
            ..DestinationFilter::default()
        };
        let found = store.destinations_page(&filter, Window::ONE).await?;
        let place = found
            .first()
            .filter(|place| place.channel == args.channel)
            .with_context(|| format!("{} has no destination {destination} in use", args.channel))?;
        let owner = |id: i64| directory.users.iter().find(|user| user.id == id);
        return Ok(Address {
            destination,
            recipient: place.user.and_then(owner).map(recipient),
        });
    }
    let user = match &args.user {
        Some(name) => Some(people::user(&directory, name)?),
        None => None,
    };
    let found = store
        .destinations_of(args.channel, user.map(|user| user.id))
        .await?;
    let Some(destination) = found.first().copied() else {
        let whose = args.user.as_deref().unwrap_or("the system");
        bail!(
            "{} has no destination of {whose}; set one, or name one with --destination",
            args.channel
        );
    };
    Ok(Address {
        destination,
        recipient: user.map(recipient),
    })
}

fn recipient(user: &User) -> Recipient {
    Recipient {
        id: user.id,
        username: user.username.clone(),
    }
}

async fn publish(broker: &BrokerConfig, message: Outgoing) -> anyhow::Result<()> {
    let runtime = Runtime::new("notifyctl")?;
    let publisher = Publisher::outside(broker, &runtime);
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
async fn wait(store: &Store, job: JobId, patience: Duration) -> anyhow::Result<ListedDelivery> {
    let deadline = Instant::now() + patience;
    loop {
        let last = store.attempts(job).await?.pop();
        let is_over =
            |attempt: &ListedDelivery| !matches!(attempt.state, State::Claimed | State::Retrying);
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
    job: JobId,
    last: Option<&ListedDelivery>,
    patience: Duration,
) -> anyhow::Result<String> {
    let seconds = patience.as_secs();
    let waiting = store.parked(&[job]).await?;
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
        "no outcome within {seconds} s: {why}. notifyctl deliveries show {job} goes on from here"
    ))
}

fn seen(attempt: &ListedDelivery) -> String {
    let reason = attempt
        .reason
        .map_or_else(|| attempt.state.to_string(), |reason| reason.to_string());
    match &attempt.detail {
        Some(detail) => format!("{reason} ({})", printable(detail)),
        None => reason,
    }
}
