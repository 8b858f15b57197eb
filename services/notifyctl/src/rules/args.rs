//! The commands and their help.

use std::str::FromStr;

use clap::{ArgGroup, Args, Subcommand};
use proto_events::{Channel, Column, Severity};
use store::StoreConfig;

use crate::or_none::OrNone;

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Write a rule, or change the one that is there
    #[command(
        after_help = "What is not given stays as it is; a new rule names no channel.\n\nExamples:\n  \
        notifyctl rules set --user mei --product 4 --mute\n  \
        notifyctl rules set --user mei --minimum-severity High\n  \
        notifyctl rules set --user mei --product-type 2 --channels mail --events scan_added\n  \
        notifyctl rules set --group appsec --channels slack --minimum-severity Critical"
    )]
    Set(SetArgs),
    /// List rules
    #[command(after_help = "Example:\n  notifyctl rules list --user mei")]
    List(ListArgs),
    /// Remove a rule for a product or product type, or of a group
    #[command(after_help = "Example:\n  notifyctl rules remove --user mei --product 4")]
    Remove(RemoveArgs),
}

/// Whose rule, and for what.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whose").required(true).args(["user", "group"]))]
pub(crate) struct Whose {
    /// The rule of this user, by username
    #[arg(long, value_name = "NAME")]
    pub(super) user: Option<String>,
    /// The user's rule for this product, by id
    #[arg(long, value_name = "ID", conflicts_with_all = ["product_type", "group"])]
    pub(super) product: Option<i64>,
    /// The user's rule for all products of this type, by id
    #[arg(long, value_name = "ID", conflicts_with = "group")]
    pub(super) product_type: Option<i64>,
    /// The rule of this group, by name: it adds to the rules of each member
    #[arg(long, value_name = "NAME")]
    pub(super) group: Option<String>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(true)
    .args(["channels", "mute", "unmute", "minimum_severity"]))]
pub(crate) struct SetArgs {
    #[command(flatten)]
    pub(super) whose: Whose,
    /// The channels, separated by commas; none for no channel
    #[arg(long, value_name = "CHANNELS")]
    pub(super) channels: Option<Channels>,
    /// The events that they are for, separated by commas [default: all]
    #[arg(
        long,
        value_name = "EVENTS",
        value_delimiter = ',',
        requires = "channels"
    )]
    pub(super) events: Option<Vec<Column>>,
    /// Silence the product or product type for the user, whatever other rules say
    #[arg(long, conflicts_with_all = ["unmute", "group"])]
    pub(super) mute: bool,
    /// End that
    #[arg(long)]
    pub(super) unmute: bool,
    /// The rule is for findings of this severity or worse: Info, Low, Medium, High, Critical; none for all
    #[arg(long, value_name = "SEVERITY")]
    pub(super) minimum_severity: Option<OrNone<Severity>>,
    #[command(flatten)]
    pub(super) store: StoreConfig,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only the rules of this user and of the user's groups
    #[arg(long, value_name = "NAME")]
    pub(super) user: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) store: StoreConfig,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    #[command(flatten)]
    pub(super) whose: Whose,
    #[command(flatten)]
    pub(super) store: StoreConfig,
}

/// Channels as they are written: names separated by commas, or the word none.
#[derive(Clone, Debug)]
pub(crate) struct Channels(pub(super) Vec<Channel>);

impl FromStr for Channels {
    type Err = <Channel as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" {
            return Ok(Self(Vec::new()));
        }
        text.split(',')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}
