//! Where a template's file belongs, by its name.

use proto_events::Channel;

/// The layout of a mail's HTML part.
pub(super) const MAIL: &str = "mail.html";

/// Where an operator's file belongs.
pub(super) enum Place {
    /// `<event>.txt`: the sentences of an event, in every channel.
    Everywhere(String),
    /// `<channel>/<event>.txt`: the sentences of an event in one channel.
    In(Channel, String),
    /// `mail.html`.
    Mail,
}

impl Place {
    pub(super) fn of(file: &str) -> Option<Self> {
        if file == MAIL {
            return Some(Self::Mail);
        }
        let name = file.strip_suffix(".txt").filter(|name| !name.is_empty())?;
        match name.split_once('/') {
            None => Some(Self::Everywhere(name.to_owned())),
            Some((channel, event)) => {
                let channel = channel.parse().ok()?;
                let named = !event.is_empty() && !event.contains('/');
                named.then(|| Self::In(channel, event.to_owned()))
            }
        }
    }

    /// A channel whose messages use it.
    pub(super) const fn channel(&self) -> Channel {
        match self {
            Self::Everywhere(_) | Self::Mail => Channel::Mail,
            Self::In(channel, _) => *channel,
        }
    }
}
