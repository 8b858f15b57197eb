//! `notifyctl demo`: the whole way of events, from publishing to the receivers, on this
//! machine, with real servers, real services and local receivers.
//!
//! | module | what it is for |
//! |---|---|
//! | [`directory`] | the organisation "Hafenwerk": who exists, who may see what, who wants what |
//! | [`events`] | what is published |
//! | [`play`], [`watch`], [`leave`] | raising the stage and publishing; watching; clearing away |
//! | [`people`] | whose an address is |
//! | [`books`] | what router, ledger and dead letters say |
//! | [`compare`] | whether receivers, ledger and decisions agree |
//! | [`board`] | the table of who received what |
//! | [`highlights`] | what is worth a second look |
//! | [`archive`] | the messages as files |
//! | [`report`] | the summary |
//! | `sign_in` | links to the pages |

pub mod archive;
pub mod board;
pub mod books;
pub mod compare;
pub mod directory;
pub mod events;
pub mod highlights;
mod leave;
pub mod people;
pub mod play;
pub mod report;
mod sign_in;
mod watch;

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::screen::Screen;
use crate::stage::Servers;
use play::Demo;

/// How to show it.
#[derive(Clone, Debug, Args)]
pub struct DemoOptions {
    /// Leave everything running at the end, until Ctrl-C, with links to the pages; on a terminal it
    /// is so without this
    #[arg(long)]
    pub keep: bool,
    /// Empty or new folder for the received messages [default: dojo-notify-demo among the temporary files]
    #[arg(long, value_name = "DIR")]
    pub messages: Option<PathBuf>,
    /// Where it happens.
    #[command(flatten)]
    pub servers: Servers,
}

/// Runs the demo and removes what it made, also after a failure or a signal.
///
/// # Errors
/// If something does not work, or if what the receivers got is not what the ledger says.
pub async fn run(options: DemoOptions) -> anyhow::Result<()> {
    let screen = Screen::new();
    let mut signals = Signals::listen()?;
    let folder = archive::prepare(options.messages)?;
    let raised = tokio::select! {
        raised = Demo::raise(&screen, &options.servers, folder) => raised,
        name = signals.next() => Err(stopped(name)),
    };
    let mut demo = raised?;
    let played = tokio::select! {
        played = demo.play(&screen) => played,
        name = signals.next() => Err(stopped(name)),
    };
    let mut stayed = Ok(());
    if options.keep || screen.is_terminal() {
        if let Err(error) = &played {
            screen.say(&format!("\nFailed: {error:#}"))?;
        }
        stayed = tokio::select! {
            stayed = demo.stay(&screen) => stayed,
            _ = signals.next() => Ok(()),
        };
    }
    let closed = demo.close(&screen).await;
    played.and(stayed).and(closed)
}

fn stopped(signal: &str) -> anyhow::Error {
    anyhow::anyhow!("stopped by {signal}")
}

/// The signals that end the demo.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }

    /// Waits for one and gives its name.
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "Ctrl-C",
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.hangup.recv() => "SIGHUP",
        }
    }
}
