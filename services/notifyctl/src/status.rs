//! `notifyctl status`: what waits, who works, what stands still.
//!
//! | module | what it is for |
//! |---|---|
//! | `look` | one look at broker and database |
//! | `picture` | the look as people read it, and as programs do |

mod look;
mod picture;

use std::time::Duration;

use anyhow::bail;
use chassis::config::BrokerConfig;
use chrono::Utc;
use clap::Args;
use store::{Store, StoreConfig};

use self::look::Status;
use crate::screen::Screen;

/// How long between two looks.
const PAUSE: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Look again every 2 seconds, until Ctrl-C
    #[arg(long, conflicts_with = "json")]
    watch: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    broker: BrokerConfig,
    #[command(flatten)]
    store: StoreConfig,
}

/// Shows it.
///
/// # Errors
/// If the broker or the database could not be looked at; what could be is shown all the same.
pub(crate) async fn run(args: &StatusArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let screen = Screen::new();
    if args.watch {
        return watch(&screen, args, &store).await;
    }
    let status = look::look(&args.broker, &store).await;
    screen.say(&if args.json {
        picture::object(&status).to_string()
    } else {
        picture::text(&screen, &status)
    })?;
    if !status.is_whole() {
        bail!("not everything could be looked at; notifyctl doctor says why");
    }
    Ok(())
}

async fn watch(screen: &Screen, args: &StatusArgs, store: &Store) -> anyhow::Result<()> {
    let mut redrawn = screen.redrawn();
    loop {
        let status: Status = look::look(&args.broker, store).await;
        let line = format!("{} UTC, Ctrl-C ends", Utc::now().format("%H:%M:%S"));
        redrawn.draw(&picture::text(screen, &status), &line)?;
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(()),
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}
