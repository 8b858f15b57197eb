//! The commands and their help.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use proto_events::Severity;
use store::StoreConfig;
use url::Url;

#[derive(Debug, Subcommand)]
pub(crate) enum DestinationsCommand {
    /// Write a destination, replacing place and filter of the one of that name
    #[command(
        after_help = "An event must pass every filter that is given, by any of its words; without filters\n\
        every event without recipients goes there. The channel must be switched on in System Settings.\n\nExamples:\n  \
        notifyctl destinations set payments --slack '#payments' --product 4,7\n  \
        notifyctl destinations set soc --mail soc@example.com --events scan_added,sla_breach --minimum-severity High\n  \
        notifyctl destinations set pci --msteams-url-file /run/secrets/pci --tag pci\n  \
        notifyctl destinations set siem --webhook https://siem.example/hook --product-type 2"
    )]
    Set(Box<SetArgs>),
    /// List destinations with their filters
    #[command(after_help = "Example:\n  notifyctl destinations list --json")]
    List(ListArgs),
    /// Remove a destination; what is under way to it ends in the dead letters
    #[command(after_help = "Example:\n  notifyctl destinations remove payments")]
    Remove(RemoveArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    /// What people call it, up to 100 characters
    #[arg(value_parser = name)]
    pub(super) name: String,
    #[command(flatten)]
    pub(super) place: PlaceArgs,
    #[command(flatten)]
    pub(super) filter: FilterArgs,
    #[command(flatten)]
    pub(super) store: StoreConfig,
}

/// Where jobs go.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("place").required(true).args(["mail", "slack", "msteams_url_file", "webhook"]))]
pub(crate) struct PlaceArgs {
    /// Mails to this address
    #[arg(long, value_name = "ADDRESS", value_parser = mail_address)]
    pub(super) mail: Option<String>,
    /// Messages to this Slack channel, by its name or id
    #[arg(long, value_name = "CHANNEL", value_parser = filled)]
    pub(super) slack: Option<String>,
    /// Cards to the Teams workflow whose URL is in this file
    #[arg(long, value_name = "FILE")]
    pub(super) msteams_url_file: Option<PathBuf>,
    /// Requests to this webhook endpoint
    #[arg(long, value_name = "URL", value_parser = web_address)]
    pub(super) webhook: Option<Url>,
    /// A header that every request to the endpoint carries
    #[arg(
        long,
        value_name = "NAME",
        requires_all = ["webhook", "header_value_file"]
    )]
    pub(super) header_name: Option<String>,
    /// File that holds the header's value
    #[arg(long, value_name = "FILE", requires = "header_name")]
    pub(super) header_value_file: Option<PathBuf>,
}

/// What is let through.
#[derive(Debug, Args)]
pub(crate) struct FilterArgs {
    /// Only these events, by name or by the name of their rule column
    #[arg(long, value_name = "EVENTS", value_delimiter = ',', value_parser = filled)]
    pub(super) events: Vec<String>,
    /// Only events about products of these types, or about the types themselves, by id
    #[arg(long = "product-type", value_name = "IDS", value_delimiter = ',')]
    pub(super) product_types: Vec<i64>,
    /// Only events about these products, by id
    #[arg(long = "product", value_name = "IDS", value_delimiter = ',')]
    pub(super) products: Vec<i64>,
    /// Only events about products with one of these tags
    #[arg(long = "tag", value_name = "TAGS", value_delimiter = ',', value_parser = filled)]
    pub(super) tags: Vec<String>,
    /// Only findings of this severity or worse, and events without findings: Info, Low, Medium, High, Critical
    #[arg(long, value_name = "SEVERITY")]
    pub(super) minimum_severity: Option<Severity>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// One JSON object a line
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) store: StoreConfig,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Its name
    pub(super) name: String,
    #[command(flatten)]
    pub(super) store: StoreConfig,
}

fn name(text: &str) -> Result<String, String> {
    match text.chars().count() {
        1..=100 => Ok(text.to_owned()),
        _ => Err("a name has 1 to 100 characters".to_owned()),
    }
}

fn filled(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it is empty".to_owned()),
        text => Ok(text.to_owned()),
    }
}

/// What is no address at all; the mail server knows better what is one.
fn mail_address(text: &str) -> Result<String, String> {
    match text.trim().split_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() => {
            Ok(text.trim().to_owned())
        }
        _ => Err("it is no mail address".to_owned()),
    }
}

fn web_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "https" | "http" => Ok(url),
        other => Err(format!("it begins with {other}:, not with https: or http:")),
    }
}
