//! Rules as people read them.

use std::collections::BTreeMap;

use proto_events::Column;
use proto_events::directory::{Rule, RuleScope, Snapshot};
use store::Store;

use super::args::ListArgs;
use crate::people::user;
use crate::screen::{Screen, printable};

/// Lists rules, by id.
///
/// # Errors
/// If the database is away, or nobody is called so.
pub(super) async fn run(args: &ListArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let mut directory = store.load_directory().await?;
    let mut rules = std::mem::take(&mut directory.rules);
    rules.sort_by_key(|rule| rule.id);
    if let Some(name) = &args.user {
        let user = user(&directory, name)?.id;
        rules.retain(|rule| concerns(&directory, rule.scope, user));
    }
    let screen = Screen::new();
    for rule in rules {
        let line = if args.json {
            serde_json::to_string(&rule)?
        } else {
            line(&directory, &rule)
        };
        screen.say(&line)?;
    }
    Ok(())
}

fn concerns(directory: &Snapshot, scope: RuleScope, id: i64) -> bool {
    match scope {
        RuleScope::System | RuleScope::Template => false,
        RuleScope::Personal { user }
        | RuleScope::Product { user, .. }
        | RuleScope::ProductType { user, .. } => user == id,
        RuleScope::Group { group } => {
            let mut members = directory.group_members.iter();
            members.any(|link| link.row.group == group && link.row.user == id)
        }
    }
}

/// One rule: id, whose it is, what it takes away, and the events of each set of channels.
pub(super) fn line(directory: &Snapshot, rule: &Rule) -> String {
    let mut parts = Vec::new();
    if rule.limits.muted {
        parts.push("muted".to_owned());
    }
    if let Some(minimum) = rule.limits.minimum_severity {
        parts.push(format!("from {minimum} on"));
    }
    let mut events: BTreeMap<Vec<_>, Vec<&str>> = BTreeMap::new();
    for column in Column::ALL {
        let channels = rule.channels.get(column);
        if !channels.is_empty() {
            let names = channels.iter().map(|channel| channel.as_str()).collect();
            events.entry(names).or_default().push(column.as_str());
        }
    }
    if events.is_empty() {
        parts.push("no channel".to_owned());
    }
    for (channels, columns) in events {
        let columns = match columns.len() {
            all if all == Column::ALL.len() => "everything".to_owned(),
            _ => columns.join(", "),
        };
        parts.push(format!("{} for {columns}", channels.join("+")));
    }
    let whose = whose(directory, rule.scope);
    printable(&format!("{} {whose}: {}", rule.id, parts.join("; ")))
}

fn whose(directory: &Snapshot, scope: RuleScope) -> String {
    let name = |id: i64| {
        let mut users = directory.users.iter();
        let user = users.find(|user| user.id == id);
        user.map_or_else(|| format!("user {id}"), |user| user.username.clone())
    };
    match scope {
        RuleScope::System => "the system".to_owned(),
        RuleScope::Template => "template for new users".to_owned(),
        RuleScope::Personal { user } => name(user),
        RuleScope::Product { user, product } => format!("{}, product {product}", name(user)),
        RuleScope::ProductType { user, product_type } => {
            format!("{}, product type {product_type}", name(user))
        }
        RuleScope::Group { group } => {
            let mut groups = directory.groups.iter();
            let known = groups.find(|known| known.id == group);
            let name = known.map_or_else(|| group.to_string(), |known| known.name.clone());
            format!("group {name}")
        }
    }
}
