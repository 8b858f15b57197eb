//! A new endpoint.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use proto_events::directory::User;
use secrecy::SecretString;
use store::{Endpoint, NewWebhook, Store};

use super::{Sending, ping};
use crate::people::user;
use crate::screen::{Screen, printable};

#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// What people call it, up to 100 characters
    name: String,
    /// Where requests go, http or https, up to 200 characters
    url: String,
    /// A header that every request carries
    #[arg(long, value_name = "NAME", requires = "header_value_file")]
    header_name: Option<String>,
    /// File that holds the header's value
    #[arg(long, value_name = "FILE", requires = "header_name")]
    header_value_file: Option<PathBuf>,
    /// The user whose notifications it gets, by username [default: the system's]
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Store it untried
    #[arg(long)]
    no_ping: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Checks, pings, stores.
///
/// # Errors
/// If the address is refused, the ping fails, or the endpoint cannot be stored.
pub(super) async fn run(args: AddArgs) -> anyhow::Result<()> {
    let endpoints = args.sending.endpoints()?;
    let store = Store::new(&args.sending.store, "notifyctl")?;
    endpoints.check(&args.url).await?;
    let owner = owner(&store, args.owner.as_deref()).await?;
    let header_value = args.header_value_file.as_deref().map(secret).transpose()?;
    let endpoint = Endpoint {
        id: 0,
        name: args.name,
        url: args.url,
        header_name: args.header_name,
        header_value,
        signing_secrets: Vec::new(),
        owner,
    };
    if !args.no_ping {
        ping::try_out(&endpoints, &store, &endpoint).await?;
    }
    let webhook = NewWebhook {
        name: endpoint.name,
        url: endpoint.url,
        header_name: endpoint.header_name,
        header_value: endpoint.header_value,
        owner: endpoint.owner.map(|owner| owner.id),
    };
    let id = store.add_webhook(&webhook).await?;
    let name = printable(&webhook.name);
    let id = id.with_context(|| format!("there is an endpoint called \"{name}\" already"))?;
    Screen::new().say(&format!("Stored {name} as endpoint {id}."))
}

async fn owner(store: &Store, name: Option<&str>) -> anyhow::Result<Option<User>> {
    let Some(name) = name else { return Ok(None) };
    let directory = store.load_directory().await?;
    Ok(Some(user(&directory, name)?.clone()))
}

fn secret(file: &Path) -> anyhow::Result<SecretString> {
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("cannot read {}", file.display()))?;
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
}
