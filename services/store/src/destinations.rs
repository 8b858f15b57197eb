//! Where jobs go.

use chrono::{DateTime, Utc};
use proto_events::directory::User;
use secrecy::SecretString;

use crate::slack::SlackLookup;
use crate::vault::VaultError;

/// What is behind a destination's id at this moment.
#[derive(Clone, Debug)]
pub enum Place {
    /// A mail address.
    Mail {
        /// The address, as it was entered.
        address: String,
    },
    /// A Slack channel.
    SlackChannel {
        /// Its name or id.
        channel: String,
    },
    /// A person in Slack.
    SlackUser {
        /// The person's id there, as the directory says.
        user_id: Option<String>,
        /// The address of the person's account there.
        email: String,
        /// What Slack said when the address was last looked up.
        lookup: Option<SlackLookup>,
    },
    /// A Teams workflow.
    Teams {
        /// Its URL, which whoever knows it may post to.
        url: SecretString,
    },
    /// A webhook endpoint that is in use.
    Webhook(Box<Endpoint>),
    /// It is left alone after an error (an endpoint for 60 s, DefectDojo
    /// `notifications/helper.py`): jobs wait in its line.
    Resting {
        /// When it may be tried again.
        until: DateTime<Utc>,
    },
    /// An endpoint that was disabled, by a person or by its failures.
    Disabled,
    /// No such row, removed, without an address, or of a user who is inactive or deleted.
    Gone,
    /// It is there, but its secret cannot be read.
    Sealed(VaultError),
}

/// A webhook endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Where requests go.
    pub url: String,
    /// A header that every request carries.
    pub header_name: Option<String>,
    /// That header's value.
    pub header_value: Option<SecretString>,
    /// What requests are signed with: nothing, one secret, or two during a rotation, the new
    /// one first.
    pub signing_secrets: Vec<SecretString>,
    /// Whose notifications it gets; none: the system's.
    pub owner: Option<User>,
}
