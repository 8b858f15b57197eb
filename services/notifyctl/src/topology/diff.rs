//! `notifyctl topology diff`.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::bail;
use chassis::broker::Topology;
use chassis::config::BrokerConfig;
use clap::Args;
use proto_events::Names;
use serde_json::{Value, json};
use url::Url;

use super::management::{self, Found};
use crate::screen::{Screen, printable};

/// What `topology diff` is told.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Address of RabbitMQ's management API, with user and password
    #[arg(long, env = "DD_BROKER_MANAGEMENT_URL", hide_env_values = true)]
    broker_management_url: Option<Url>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    broker: BrokerConfig,
}

/// How what is there differs from what should be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Difference {
    /// It is not there.
    Missing,
    /// It is there, and nobody asked for it.
    Unknown,
    /// It is there with something else.
    Other {
        member: &'static str,
        wanted: Value,
        found: Value,
    },
}

/// Shows the differences.
///
/// # Errors
/// If there are any, or the broker is away.
pub(super) async fn run(args: &DiffArgs) -> anyhow::Result<()> {
    let screen = Screen::new();
    let Some(api) = &args.broker_management_url else {
        super::check(&args.broker).await?;
        return screen.say(
            "Other arguments, bindings, and what is there besides cannot be seen without the management API: \
             set DD_BROKER_MANAGEMENT_URL.",
        );
    };
    let broker = &args.broker;
    let differences = look(broker, api).await?;
    for (what, difference) in &differences {
        let line = if args.json {
            object(what, difference).to_string()
        } else {
            format!(
                "{}: {}",
                printable(what),
                printable(&difference.to_string())
            )
        };
        screen.say(&line)?;
    }
    if differences.is_empty() {
        if !args.json {
            screen.say(&format!(
                "Under the prefix {} everything is as it should be.",
                broker.broker_prefix
            ))?;
        }
        return Ok(());
    }
    bail!(
        "{} differences; notifyctl topology apply creates what is missing, but a queue with other arguments must be \
         emptied and deleted first",
        differences.len()
    )
}

/// Asks the management API, and compares.
async fn look(broker: &BrokerConfig, api: &Url) -> anyhow::Result<Vec<(String, Difference)>> {
    let vhost = broker.broker_url.vhost();
    let wanted = Topology::new(&broker.broker_prefix, &broker.retry_ladder).definitions(vhost);
    let found = management::read(api, vhost).await?;
    Ok(differences(&wanted, &found, &broker.broker_prefix))
}

/// Everything that differs, in words.
///
/// # Errors
/// If the management API is away or refuses.
pub(crate) async fn in_words(broker: &BrokerConfig, api: &Url) -> anyhow::Result<Vec<String>> {
    let all = look(broker, api).await?.into_iter();
    Ok(all
        .map(|(what, difference)| format!("{what}: {difference}"))
        .collect())
}

/// What something is known by.
type Name = fn(&Value) -> String;

/// Everything that differs, by kind and name.
fn differences(wanted: &Value, found: &Found, prefix: &Names) -> Vec<(String, Difference)> {
    let kinds: [(&str, &Vec<Value>, Name, &[&'static str]); 3] = [
        (
            "exchanges",
            &found.exchanges,
            exchange,
            &["type", "durable", "auto_delete", "internal", "arguments"],
        ),
        (
            "queues",
            &found.queues,
            queue,
            &["durable", "auto_delete", "arguments"],
        ),
        ("bindings", &found.bindings, binding, &["arguments"]),
    ];
    let ours = format!("{prefix}.");
    let mut all = Vec::new();
    for (kind, found, name, members) in kinds {
        let wanted = wanted[kind].as_array().into_iter().flatten();
        let wanted: BTreeMap<String, &Value> = wanted.map(|it| (name(it), it)).collect();
        let found = found.iter().filter(|it| is_of(it, &ours));
        let found: BTreeMap<String, &Value> = found.map(|it| (name(it), it)).collect();
        for (name, wanted) in &wanted {
            match found.get(name) {
                None => all.push((name.clone(), Difference::Missing)),
                Some(found) => {
                    all.extend(others(wanted, found, members).map(|other| (name.clone(), other)));
                }
            }
        }
        let unknown = found.into_keys().filter(|name| !wanted.contains_key(name));
        all.extend(unknown.map(|name| (name, Difference::Unknown)));
    }
    all
}

fn others<'a>(
    wanted: &'a Value,
    found: &'a Value,
    members: &'a [&'static str],
) -> impl Iterator<Item = Difference> + 'a {
    let other = members
        .iter()
        .filter(move |member| wanted[**member] != found[**member]);
    other.map(move |&member| Difference::Other {
        member,
        wanted: wanted[member].clone(),
        found: found[member].clone(),
    })
}

/// Whether something stands under the prefix. The default exchange's bindings, which every queue
/// has, are nobody's.
fn is_of(it: &Value, prefix: &str) -> bool {
    let begins = |member: &str| {
        it[member]
            .as_str()
            .is_some_and(|name| name.starts_with(prefix))
    };
    begins("name") || begins("source") || (begins("destination") && it["source"] != "")
}

fn exchange(it: &Value) -> String {
    format!("exchange {}", word(&it["name"]))
}

fn queue(it: &Value) -> String {
    format!("queue {}", word(&it["name"]))
}

fn binding(it: &Value) -> String {
    let [source, key, destination] =
        ["source", "routing_key", "destination"].map(|member| word(&it[member]));
    format!("binding from {source} with {key} to {destination}")
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn object(what: &str, difference: &Difference) -> Value {
    match difference {
        Difference::Missing => json!({"what": what, "difference": "missing"}),
        Difference::Unknown => json!({"what": what, "difference": "unknown"}),
        Difference::Other {
            member,
            wanted,
            found,
        } => {
            json!({"what": what, "difference": "other", "member": member, "wanted": wanted, "found": found})
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::Unknown => f.write_str("not ours to know: made by hand, or by another release"),
            Self::Other {
                member,
                wanted,
                found,
            } => {
                write!(f, "{member} should be {wanted}, is {found}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topology() -> (Value, Names) {
        let names = Names::default();
        let ladder = "5,30".parse().unwrap_or_default();
        (Topology::new(&names, &ladder).definitions("/"), names)
    }

    fn found(topology: &Value) -> Found {
        let list = |kind: &str| topology[kind].as_array().cloned().unwrap_or_default();
        Found {
            exchanges: list("exchanges"),
            queues: list("queues"),
            bindings: list("bindings"),
        }
    }

    #[test]
    fn what_is_as_it_should_be_differs_in_nothing() {
        let (wanted, names) = topology();
        let mut found = found(&wanted);
        found.bindings.push(json!({"source": "", "destination": "dojo.event-router", "routing_key": "dojo.event-router"}));
        found.queues.push(json!({"name": "somebody-else"}));
        assert!(differences(&wanted, &found, &names).is_empty());
    }

    #[test]
    fn each_kind_of_difference_is_named() {
        let (wanted, names) = topology();
        let mut found = found(&wanted);
        found.queues[0]["arguments"]["x-delivery-limit"] = json!(3);
        let gone = queue(&found.queues.remove(1));
        let bound = binding(&found.bindings[0]);
        found.bindings.remove(0);
        found.queues.push(json!({"name": "dojo.old"}));
        let all = differences(&wanted, &found, &names);
        assert_eq!(all.len(), 4, "{all:?}");
        assert!(all.contains(&(gone, Difference::Missing)));
        assert!(all.contains(&(bound, Difference::Missing)));
        assert!(all.contains(&("queue dojo.old".to_owned(), Difference::Unknown)));
        assert!(
            all.iter()
                .any(|(_, it)| it.to_string().contains("\"x-delivery-limit\":3"))
        );
    }
}
