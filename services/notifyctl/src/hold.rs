//! `notifyctl pause` and `notifyctl resume`.

use anyhow::bail;
use clap::Args;
use proto_events::{Channel, Service};
use store::{Store, StoreConfig};

use crate::screen::Screen;

#[derive(Debug, Args)]
pub(crate) struct PauseArgs {
    /// The channel: mail, slack, msteams or webhooks
    channel: Channel,
    /// Why, for whoever reads `notifyctl status`
    #[arg(long, default_value = "")]
    note: String,
    #[command(flatten)]
    store: StoreConfig,
}

#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {
    /// The channel: mail, slack, msteams or webhooks
    channel: Channel,
    #[command(flatten)]
    store: StoreConfig,
}

/// Holds a channel.
///
/// # Errors
/// If it cannot be held, or the database is away.
pub(crate) async fn pause(args: &PauseArgs) -> anyhow::Result<()> {
    let service = sender(args.channel)?;
    let store = Store::new(&args.store, "notifyctl")?;
    let new = store.hold_service(service, &args.note).await?;
    let screen = Screen::new();
    let channel = args.channel;
    if !new {
        return screen.say(&format!("{channel} was held before; it still is."));
    }
    screen.say(&format!(
        "{channel} is held: attempts under way end, nothing new is sent, jobs wait in lines. \
         notifyctl resume {channel} ends it."
    ))
}

/// Ends a hold.
///
/// # Errors
/// If the channel is not held, or the database is away.
pub(crate) async fn resume(args: &ResumeArgs) -> anyhow::Result<()> {
    let service = sender(args.channel)?;
    let store = Store::new(&args.store, "notifyctl")?;
    let channel = args.channel;
    if !store.release_service(service).await? {
        bail!("{channel} is not held; notifyctl status shows what else may keep it from sending");
    }
    Screen::new().say(&format!(
        "{channel} is no longer held; its lines move within {} s.",
        store::holds::HOLD_LOOK.as_secs()
    ))
}

/// The service behind a channel that can be held.
fn sender(channel: Channel) -> anyhow::Result<Service> {
    if channel == Channel::Alert {
        bail!(
            "alerts are rows of our own database and cannot be held; stop alert-writer, and they wait in its queue"
        );
    }
    Ok(Service::of(channel))
}
