//! Activating an endpoint, and switching it off.

use anyhow::{Context as _, ensure};
use clap::Args;
use store::{Store, StoreConfig};

use super::{Sending, ping};
use crate::screen::{Screen, printable};

#[derive(Debug, Args)]
pub(crate) struct ActivateArgs {
    /// The endpoint, by its id
    id: i64,
    /// Activate it untried
    #[arg(long)]
    no_ping: bool,
    #[command(flatten)]
    sending: Sending,
}

#[derive(Debug, Args)]
pub(crate) struct DeactivateArgs {
    /// The endpoint, by its id
    id: i64,
    #[command(flatten)]
    store: StoreConfig,
}

/// Pings an endpoint and activates it.
///
/// # Errors
/// If it is not there, or the ping fails.
pub(super) async fn activate(args: &ActivateArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.sending.store, "notifyctl")?;
    let endpoint = store.webhook_endpoint(args.id).await?;
    let endpoint = endpoint.with_context(|| missing(args.id))?;
    if !args.no_ping {
        ping::try_out(&args.sending.endpoints()?, &store, &endpoint).await?;
    }
    ensure!(store.activate_webhook(args.id).await?, missing(args.id));
    let screen = Screen::new();
    screen.say(&format!("{} is active.", printable(&endpoint.name)))?;
    let endpoints = store.review_webhooks().await?;
    let dead = endpoints.iter().find(|it| it.id == args.id);
    match dead.map_or(0, |it| it.dead) {
        0 => Ok(()),
        dead => screen.say(&format!(
            "{dead} of its jobs lie in the dead letters. To send them: notifyctl dead-letters replay \
             --reason endpoint_inactive"
        )),
    }
}

/// Switches an endpoint off.
///
/// # Errors
/// If it is not there.
pub(super) async fn deactivate(args: &DeactivateArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    ensure!(store.switch_off_webhook(args.id).await?, missing(args.id));
    Screen::new().say(&format!(
        "Endpoint {} is switched off: no jobs are made for it until you activate it.",
        args.id
    ))
}

fn missing(id: i64) -> String {
    format!("there is no endpoint {id}; notifyctl webhook list shows those there are")
}
