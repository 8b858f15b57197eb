//! What requests to an endpoint are signed with.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use chassis::config::seconds;
use clap::Args;
use delivery::endpoint::signature::SigningKey;
use secrecy::{ExposeSecret, SecretString};
use store::{Store, StoreConfig};

use crate::screen::Screen;

#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// The endpoint, by its id
    id: i64,
    /// Replace the secret
    #[arg(long, conflicts_with = "remove")]
    rotate: bool,
    /// Take the secret away: requests are signed no more
    #[arg(long)]
    remove: bool,
    /// How long the one before signs too (seconds)
    #[arg(long, value_name = "SECONDS", default_value = "86400", value_parser = seconds, requires = "rotate")]
    overlap: Duration,
    #[command(flatten)]
    store: StoreConfig,
}

/// Makes, replaces or removes a secret.
///
/// # Errors
/// If there is no such endpoint, it has a secret already or none, or the database is away.
pub(super) async fn run(args: &SecretArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let (id, screen) = (args.id, Screen::new());
    let none = || format!("there is no endpoint {id} that has a secret");
    if args.remove {
        ensure!(store.remove_webhook_secret(id).await?, none());
        return screen.say(&format!("Requests to endpoint {id} are signed no more."));
    }
    let secret = SigningKey::new_secret().context("the system gives no random numbers")?;
    if args.rotate {
        let done = store.rotate_webhook_secret(id, &secret, args.overlap);
        ensure!(done.await?, none());
    } else {
        ensure!(
            store.add_webhook_secret(id, &secret).await?,
            "there is no endpoint {id}, or it has a secret; --rotate replaces it"
        );
    }
    show(&screen, &secret)?;
    if args.rotate {
        let seconds = args.overlap.as_secs();
        screen.say(&format!("The one before signs for {seconds} s more."))?;
    }
    Ok(())
}

/// The only time that anybody sees it.
fn show(screen: &Screen, secret: &SecretString) -> anyhow::Result<()> {
    screen.say(secret.expose_secret())?;
    screen.say("Give it to the receiver now: it is not shown again.")
}
