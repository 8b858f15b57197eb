//! A destination with a filter that somebody makes.

use proto_events::Channel;
use proto_events::directory::Filter;
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use store::{NewDestination, NewPlace, SecretChange};
use url::Url;

use crate::app::App;
use crate::refusal::{Errors, Refusal};
use crate::rest::form::at_most;
use crate::rest::secret::Secret;

/// A destination with a filter, to be made.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct New {
    /// Its unique name, up to 100 characters.
    pub(super) name: String,
    /// mail, slack, msteams or webhooks.
    pub(super) channel: Channel,
    /// Mail address, Slack channel or URL of a webhook endpoint.
    pub(super) address: String,
    /// The URL of a Teams workflow; it cannot be read.
    pub(super) msteams_url: Secret,
    /// What it is told.
    pub(super) filter: Filter,
}

impl Default for New {
    fn default() -> Self {
        Self {
            name: String::new(),
            channel: Channel::Slack,
            address: String::new(),
            msteams_url: Secret::default(),
            filter: Filter::default(),
        }
    }
}

/// The destination that a form stands for.
pub(super) async fn usable(app: &App, form: New) -> Result<NewDestination, Refusal> {
    let mut errors = Errors::default();
    at_most(&mut errors, "name", &form.name, 100);
    at_most(&mut errors, "address", &form.address, 200);
    if form.name.is_empty() {
        errors.add("name", "This field may not be blank.");
    }
    let address = form.address.trim().to_owned();
    let place = match form.channel {
        Channel::Alert => None,
        Channel::Msteams => url_of(form.msteams_url).map(NewPlace::Msteams),
        Channel::Slack => (!address.is_empty()).then_some(NewPlace::Slack(address)),
        Channel::Mail => address
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
            .then_some(NewPlace::Mail(address)),
        Channel::Webhooks => {
            let checked = app.endpoints.check(&address).await;
            checked.ok().map(|_| NewPlace::Webhook {
                url: address,
                header: None,
            })
        }
    };
    if place.is_none() {
        let (field, text) = match form.channel {
            Channel::Alert => ("channel", "Alerts go to people, not to a destination."),
            Channel::Msteams => ("msteams_url", "Enter a valid URL."),
            Channel::Slack => ("address", "Enter a Slack channel, e.g. #appsec."),
            Channel::Mail => ("address", "Enter a valid email address."),
            Channel::Webhooks => ("address", "Enter a valid URL that webhooks may go to."),
        };
        errors.add(field, text);
    }
    errors.none()?;
    // Without a place there was an error.
    let place = place.ok_or_else(Refusal::changed)?;
    Ok(NewDestination {
        name: form.name,
        place,
        filter: form.filter,
    })
}

/// The secret of a form, if it is a web address.
fn url_of(secret: Secret) -> Option<SecretString> {
    let SecretChange::Set(url) = secret.change() else {
        return None;
    };
    let parsed = Url::parse(url.expose_secret()).ok()?;
    matches!(parsed.scheme(), "http" | "https").then_some(url)
}
