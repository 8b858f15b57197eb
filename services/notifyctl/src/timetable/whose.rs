//! Whose timetable is meant: from the names that people use to the store's ids.

use anyhow::{Context as _, bail, ensure};
use proto_events::Channel;
use proto_events::directory::{Snapshot, Whose};

use super::args::WhoseArgs;
use crate::people::user;

impl WhoseArgs {
    /// Everybody or everything that is meant: of the system there may be several addresses.
    ///
    /// # Errors
    /// If nobody and nothing is called so, or what is meant cannot wait.
    pub(super) fn all(&self, directory: &Snapshot) -> anyhow::Result<Vec<Whose>> {
        if let Some(name) = &self.user {
            return Ok(vec![Whose::User(user(directory, name)?.id)]);
        }
        if let Some(name) = &self.destination {
            let mut all = directory.filtered.iter();
            let found = all.find(|filtered| filtered.name == *name);
            let found = found
                .with_context(|| format!("no destination with a filter is called \"{name}\""))?;
            can_wait(found.destination.channel)?;
            return Ok(vec![Whose::Destination(found.destination.id)]);
        }
        let Some(channel) = self.system else {
            bail!("give --user, --destination or --system");
        };
        can_wait(channel)?;
        let own = directory.destinations.iter();
        let own = own.filter(|it| it.user.is_none() && it.channel == channel);
        let own: Vec<Whose> = own.map(|it| Whose::Destination(it.id)).collect();
        ensure!(
            !own.is_empty(),
            "System Settings name nowhere for {channel}"
        );
        Ok(own)
    }
}

fn can_wait(channel: Channel) -> anyhow::Result<()> {
    ensure!(
        channel.can_wait(),
        "{channel} cannot wait: alerts are a list to look at any time, and webhook bodies are a contract, one event each"
    );
    Ok(())
}
