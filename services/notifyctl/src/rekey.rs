//! `notifyctl rekey`.

use std::io::IsTerminal;

use anyhow::bail;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget};
use store::{Rekeyed, Store, StoreConfig};

use crate::screen::Screen;

#[derive(Debug, Args)]
pub(crate) struct RekeyArgs {
    #[command(flatten)]
    store: StoreConfig,
}

/// Encrypts every secret with the newest key.
///
/// # Errors
/// If the database is away, there is no key, or a secret cannot be read.
pub(crate) async fn run(args: &RekeyArgs) -> anyhow::Result<()> {
    if args.store.credential_aes_256_key.is_none() {
        bail!(
            "DD_CREDENTIAL_AES_256_KEY is not set; give the new key first, then the old ones, separated by commas"
        );
    }
    let store = Store::new(&args.store, "notifyctl")?;
    let secrets = store.sealed_secrets().await?;
    let bar = ProgressBar::new(secrets.len() as u64);
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let (mut done, mut before) = (0, 0);
    let mut unreadable = Vec::new();
    for secret in &secrets {
        match store.rekey(secret).await? {
            Rekeyed::Done => done += 1,
            Rekeyed::Before | Rekeyed::Changed => before += 1,
            Rekeyed::Unreadable(error) => unreadable.push(error.to_string()),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let screen = Screen::new();
    screen.say(&format!(
        "Of {} secrets {done} are under the newest key now, {before} were before.",
        secrets.len()
    ))?;
    if unreadable.is_empty() {
        return screen
            .say("The older keys are needed no longer, once every service has the newest.");
    }
    bail!(
        "{} cannot be read and are left as they are:\n{}",
        unreadable.len(),
        unreadable.join("\n")
    )
}
