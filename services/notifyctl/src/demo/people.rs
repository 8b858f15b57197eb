//! Whose an address is, so that what a receiver got can be told of a person.

use std::collections::HashMap;

use proto_events::Channel;

use super::directory::Directory;
use crate::stage::receivers::Received;
use crate::stage::receivers::http::slack_id;

/// A username; none is the system.
pub type Who = Option<String>;

/// Addresses with their owners.
pub struct People(HashMap<(Channel, String), Who>);

impl People {
    /// Everybody's addresses, as the directory has them.
    #[must_use]
    pub fn of(directory: &Directory) -> Self {
        let settings = &directory.settings;
        let mut owners = HashMap::new();
        for address in settings.mail_notifications_to.split(',') {
            owners.insert((Channel::Mail, address.trim().to_owned()), None);
        }
        owners.insert((Channel::Slack, settings.slack_channel.clone()), None);
        for user in &directory.users {
            let who = Some(user.username.clone());
            owners.insert((Channel::Mail, user.email.clone()), who.clone());
            if let Some(id) = user.slack_email.as_deref().and_then(slack_id) {
                owners.insert((Channel::Slack, id), who);
            }
        }
        for webhook in &directory.webhooks {
            let who = webhook.owner.and_then(|id| directory.username(id));
            owners.insert(
                (Channel::Webhooks, webhook.hook.clone()),
                who.map(str::to_owned),
            );
        }
        Self(owners)
    }

    /// Whose message it is; `None` if the address is nobody's.
    #[must_use]
    pub fn whose(&self, received: &Received) -> Option<Who> {
        if received.channel == Channel::Msteams {
            return Some(None);
        }
        self.0
            .get(&(received.channel, received.to.clone()))
            .cloned()
    }
}
