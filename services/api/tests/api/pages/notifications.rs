//! Which events reach whom through which channels, on pages.

mod matrix;
mod preview;

use proto_events::directory::{Limits, RuleChannels, RuleScope, Settings};
use proto_events::{Channel, ChannelSet, Column};
use store::NewRule;

use crate::browser::Seen;
use crate::desk::Desk;

const BOTH: ChannelSet = ChannelSet::ALERT.with(Channel::Mail);

/// A desk on which mail and Slack are switched on.
async fn desk() -> Desk {
    let desk = Desk::open().await;
    let settings = Settings {
        enable_mail_notifications: true,
        enable_slack_notifications: true,
        ..Settings::default()
    };
    desk.store().put_settings(&settings).await.unwrap();
    desk
}

async fn put(desk: &Desk, scope: RuleScope, column: Column, set: ChannelSet) {
    let mut channels = RuleChannels::default();
    channels.set(column, set);
    let rule = NewRule { scope, channels };
    let put = desk.store().put_rule(&rule, Limits::default()).await;
    put.unwrap();
}

/// The box of a column and channel, as the page has it.
fn is_ticked(page: &Seen, column: &str, channel: &str) -> Option<bool> {
    let from = page
        .text
        .find(&format!("name=\"{column}\" value=\"{channel}\""))?;
    let tag = page.text[from..].split('>').next().unwrap();
    Some(tag.contains(" checked"))
}
