//! `notifyctl test-send`: whether a message arrives, on the way that all of them take.

use anyhow::{Context as _, ensure};
use chassis::Runtime;
use chassis::broker::{Published, Publisher};
use chassis::config::BrokerConfig;
use chrono::Utc;
use clap::{ArgGroup, Args};
use delivery::test_message::test_message;
use proto_events::directory::User;
use proto_events::{Address, Recipient, Target};
use store::browse::DestinationFilter;
use store::{Store, StoreConfig, Window};

use crate::people::user;
use crate::screen::Screen;

/// Where to.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("where").required(true).args(["destination", "alert"]))]
pub(crate) struct TestSendArgs {
    /// A destination that is in use, by id
    #[arg(long, value_name = "ID")]
    destination: Option<i64>,
    /// The alert list of this user, by username
    #[arg(long, value_name = "NAME")]
    alert: Option<String>,
    /// Broker
    #[command(flatten)]
    broker: BrokerConfig,
    /// Database
    #[command(flatten)]
    store: StoreConfig,
}

/// Sends a test message.
///
/// # Errors
/// If a server is away, there is no such place, or no sender's queue is there.
pub(crate) async fn run(args: &TestSendArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let to = place(args, &store).await?;
    let channel = to.channel();
    let names = &args.broker.broker_prefix;
    let (job, message) = test_message(names, to, "notifyctl", Utc::now())?;
    let publisher = Publisher::outside(&args.broker, &Runtime::new("notifyctl")?);
    let answers = publisher.publish(std::slice::from_ref(&message)).await?;
    publisher.close().await;
    ensure!(
        answers == [Published::Confirmed],
        "nobody takes jobs here; run notifyctl topology apply, or check DD_BROKER_PREFIX"
    );
    Screen::new().say(&format!("Sent as {channel} job {job}."))
}

async fn place(args: &TestSendArgs, store: &Store) -> anyhow::Result<Target> {
    let directory = store.load_directory().await?;
    let Some(id) = args.destination else {
        let name = args.alert.as_deref().unwrap_or_default();
        let recipients = vec![Some(user(&directory, name)?.id)];
        return Ok(Target::Alert { recipients });
    };
    let filter = DestinationFilter {
        id: Some(id),
        ..DestinationFilter::default()
    };
    let missing = || format!("there is no destination {id} in use");
    let place = store.destinations_page(&filter, Window::ONE).await?;
    let place = place.first().with_context(missing)?;
    let of = |owner: i64| directory.users.iter().find(|user| user.id == owner);
    let recipient = |user: &User| Recipient {
        id: user.id,
        username: user.username.clone(),
    };
    let address = Address {
        destination: id,
        recipient: place.user.and_then(of).map(recipient),
    };
    Target::at(place.channel, address).with_context(missing)
}
