//! Destinations with a filter, as people read them.

use std::fmt::Display;

use proto_events::Channel;
use proto_events::directory::Filter;
use serde_json::json;
use store::{NamedDestination, Store};

use super::args::ListArgs;
use crate::screen::{Screen, printable};

/// Lists destinations, by name.
///
/// # Errors
/// If the database is away.
pub(super) async fn run(args: &ListArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let screen = Screen::new();
    for named in store.named_destinations().await? {
        let line = if args.json {
            json!({
                "name": named.name,
                "channel": named.channel,
                "address": address(&named),
                "filter": named.filter,
                "switched_off": named.switched_off,
            })
            .to_string()
        } else {
            line(&named)
        };
        screen.say(&line)?;
    }
    Ok(())
}

/// One destination: name, channel, address, and what it is told.
pub(super) fn line(named: &NamedDestination) -> String {
    let Filter {
        events,
        product_types,
        products,
        tags,
        minimum_severity,
    } = &named.filter;
    let mut parts = Vec::new();
    parts.extend(words("events", events));
    parts.extend(words("product types", product_types));
    parts.extend(words("products", products));
    parts.extend(words("tags", tags));
    parts.extend(minimum_severity.map(|minimum| format!("from {minimum} on")));
    if parts.is_empty() {
        parts.push("everything".to_owned());
    }
    if named.switched_off {
        parts.push("switched off".to_owned());
    }
    printable(&format!(
        "{}, {} {}: {}",
        named.name,
        named.channel,
        address(named),
        parts.join("; ")
    ))
}

fn address(named: &NamedDestination) -> &str {
    match (&named.address, named.channel) {
        (_, Channel::Msteams) | (None, _) => "<secret>",
        (Some(address), _) => address,
    }
}

fn words<T: Display>(kind: &str, list: &[T]) -> Option<String> {
    let list: Vec<String> = list.iter().map(ToString::to_string).collect();
    (!list.is_empty()).then(|| format!("{kind} {}", list.join(", ")))
}
