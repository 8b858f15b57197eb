//! Trying an endpoint.

use anyhow::Context as _;
use clap::Args;
use delivery::endpoint::Endpoints;
use store::{Endpoint, Store};

use super::Sending;
use crate::screen::{Screen, printable};

#[derive(Debug, Args)]
pub(crate) struct PingArgs {
    /// The endpoint, by its id
    id: i64,
    #[command(flatten)]
    sending: Sending,
}

/// Pings an endpoint that is stored.
///
/// # Errors
/// If it is not there, or the ping fails.
pub(super) async fn run(args: &PingArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.sending.store, "notifyctl")?;
    let endpoint = store.webhook_endpoint(args.id).await?;
    let endpoint = endpoint.with_context(|| format!("there is no endpoint {}", args.id))?;
    try_out(&args.sending.endpoints()?, &store, &endpoint).await
}

/// Sends a ping and says what came of it.
///
/// # Errors
/// If it fails.
pub(super) async fn try_out(
    endpoints: &Endpoints,
    store: &Store,
    endpoint: &Endpoint,
) -> anyhow::Result<()> {
    let screen = Screen::new();
    let name = printable(&endpoint.name);
    let settings = store.delivery_settings().await?.settings;
    let pinged = endpoints
        .ping(endpoint, &settings)
        .await
        .with_context(|| format!("the ping to {name} was not successful"))?;
    let status = pinged.status;
    match pinged.redirect {
        None => screen.say(&format!("{name} answered HTTP {status}.")),
        Some(location) => screen.say(&format!(
            "Warning: {name} answered HTTP {status} and points to {}. Redirects are not followed, so \
             nothing will arrive: give the endpoint that address.",
            if location.is_empty() { "nowhere".to_owned() } else { printable(&location) }
        )),
    }
}
