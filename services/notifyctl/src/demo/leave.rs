//! What comes after the summary: staying for a while, and clearing away.

use std::time::Duration;

use super::archive;
use super::play::Demo;
use crate::screen::{Screen, printable};

/// How often to look for more messages.
const LOOK: Duration = Duration::from_millis(500);

impl Demo {
    /// Says where things are, for whoever wants to look around, and tells of every
    /// message that still comes. Ends only with an error.
    ///
    /// # Errors
    /// If a message cannot be written down.
    pub async fn stay(&self, screen: &Screen) -> anyhow::Result<()> {
        self.tell_pages(screen).await?;
        let prefix = self.world.names();
        screen.title("Still running; Ctrl-C stops and removes everything")?;
        for (what, whereabouts) in [
            ("prefix on the broker", prefix.to_string()),
            ("database", self.world.database().to_owned()),
            (
                "the services' logs",
                self.fleet.logs().display().to_string(),
            ),
            ("messages", self.messages.display().to_string()),
        ] {
            screen.say(&format!("  {what:22} {whereabouts}"))?;
        }
        screen.say("  Publish more, and see here what becomes of it:")?;
        screen.say(&format!(
            "    notifyctl events publish --broker-prefix {prefix} FILE"
        ))?;
        let mut seen = self.receivers.record.all().len();
        loop {
            tokio::time::sleep(LOOK).await;
            let received = self.receivers.record.all();
            if received.len() == seen {
                continue;
            }
            let ledger = self.world.store().ledger().await?;
            for filed in archive::write(&self.messages, seen, &received[seen..], &ledger)? {
                let message = &filed.message;
                let to = printable(&message.to);
                screen.say(&format!(
                    "  {} by {} to {to}",
                    printable(&filed.event),
                    message.channel
                ))?;
            }
            seen = received.len();
        }
    }

    /// Stops the services and removes everything but the messages and logs.
    ///
    /// # Errors
    /// If a service does not stop cleanly, or something is left behind.
    pub async fn close(mut self, screen: &Screen) -> anyhow::Result<()> {
        screen.title("Clearing away")?;
        let stopping = async {
            let stopped = self.api.stop().await;
            self.fleet.terminate().await.and(stopped)
        };
        let stopped = screen
            .step(
                "every service stopped with SIGTERM, with exit code 0",
                stopping,
            )
            .await;
        let removed = screen
            .step("prefix and database removed", self.world.close())
            .await;
        stopped.and(removed)
    }
}
