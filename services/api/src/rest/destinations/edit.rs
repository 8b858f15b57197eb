//! What somebody changes of a destination with a filter. Its name and channel stay.

use proto_events::Channel;
use proto_events::directory::Filter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{NewDestination, SecretChange};

use super::new::{New, usable};
use crate::app::App;
use crate::refusal::Refusal;
use crate::rest::secret::Secret;

/// A destination with a filter, to be changed.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub(super) struct Edit {
    /// What it is told.
    pub(super) filter: Filter,
    /// Mail address or Slack channel; a webhook endpoint's URL is changed at the endpoint.
    address: Option<String>,
    /// The URL of a Teams workflow; it cannot be read.
    msteams_url: Secret,
}

impl Edit {
    /// What holds where nothing is changed.
    pub(super) fn of(channel: Channel, address: Option<String>, filter: Filter) -> Self {
        Self {
            filter,
            address,
            msteams_url: Secret::shown(channel == Channel::Msteams),
        }
    }

    /// The whole destination, if it is to be somewhere else than it was.
    pub(super) async fn moved(
        &self,
        app: &App,
        was: &Self,
        name: String,
        channel: Channel,
    ) -> Result<Option<NewDestination>, Refusal> {
        let stays = match channel {
            Channel::Msteams => matches!(self.msteams_url.clone().change(), SecretChange::Leave),
            _ => self.address == was.address,
        };
        if stays {
            return Ok(None);
        }
        if channel == Channel::Webhooks {
            let text = "The URL of a webhook endpoint is changed at the endpoint.";
            return Err(Refusal::field("address", text));
        }
        let whole = New {
            name,
            channel,
            address: self.address.clone().unwrap_or_default(),
            msteams_url: self.msteams_url.clone(),
            filter: self.filter.clone(),
        };
        Ok(Some(usable(app, whole).await?))
    }
}
