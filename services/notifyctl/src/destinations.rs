//! `notifyctl destinations`: Slack channels, Teams workflows, mail addresses and webhook
//! endpoints that are told what their filters let through; the API keeps them too.
//!
//! | module | what it is for |
//! |---|---|
//! | `args` | the commands and their help |
//! | `list` | destinations as people read them |

mod args;
mod list;

use anyhow::Context as _;
use proto_events::directory::{Filter, Snapshot};
use secrecy::{ExposeSecret, SecretString};
use store::{NewDestination, NewPlace, Store};
use url::Url;

pub(crate) use args::DestinationsCommand;
use args::{FilterArgs, PlaceArgs, RemoveArgs, SetArgs};

use crate::screen::Screen;

/// Runs a command.
///
/// # Errors
/// If the database is away, or what is given is no place or filter.
pub(crate) async fn run(command: DestinationsCommand) -> anyhow::Result<()> {
    match command {
        DestinationsCommand::Set(args) => set(*args).await,
        DestinationsCommand::List(args) => list::run(&args).await,
        DestinationsCommand::Remove(args) => remove(&args).await,
    }
}

async fn set(args: SetArgs) -> anyhow::Result<()> {
    let place = place(args.place)?;
    let store = Store::new(&args.store, "notifyctl")?;
    let filter = filter(args.filter, &store.load_directory().await?)?;
    let destination = NewDestination {
        name: args.name,
        place,
        filter,
    };
    store.put_destination(&destination).await?;
    let all = store.named_destinations().await?;
    let written = all.iter().find(|named| named.name == destination.name);
    written.map_or(Ok(()), |named| Screen::new().say(&list::line(named)))
}

async fn remove(args: &RemoveArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    if !store.remove_destination(&args.name).await? {
        anyhow::bail!("no destination with a filter is called \"{}\"", args.name);
    }
    Screen::new().say(&format!("Removed {}.", args.name))
}

/// Where jobs go. The command lets exactly one place through.
fn place(args: PlaceArgs) -> anyhow::Result<NewPlace> {
    if let Some(address) = args.mail {
        return Ok(NewPlace::Mail(address));
    }
    if let Some(channel) = args.slack {
        return Ok(NewPlace::Slack(channel));
    }
    if let Some(file) = &args.msteams_url_file {
        let url = secret(file)?;
        let parsed = Url::parse(url.expose_secret());
        let of_web = parsed.is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
        anyhow::ensure!(of_web, "{} holds no http or https address", file.display());
        return Ok(NewPlace::Msteams(url));
    }
    let url = args.webhook.context("no place is given")?;
    let value = args.header_value_file.as_deref().map(secret).transpose()?;
    Ok(NewPlace::Webhook {
        url: url.into(),
        header: args.header_name.zip(value),
    })
}

fn secret(file: &std::path::Path) -> anyhow::Result<SecretString> {
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("cannot read {}", file.display()))?;
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
}

/// What is let through. Ids that nobody has are most often mistyped.
fn filter(args: FilterArgs, directory: &Snapshot) -> anyhow::Result<Filter> {
    for id in &args.products {
        let mut all = directory.products.iter();
        all.find(|known| known.id == *id)
            .with_context(|| format!("there is no product {id}"))?;
    }
    for id in &args.product_types {
        let mut all = directory.product_types.iter();
        all.find(|known| known.id == *id)
            .with_context(|| format!("there is no product type {id}"))?;
    }
    Ok(Filter {
        events: args.events,
        product_types: args.product_types,
        products: args.products,
        tags: args.tags,
        minimum_severity: args.minimum_severity,
    })
}
