//! `notifyctl rules`: what people and groups chose beyond DefectDojo's pages, by the names that
//! operators know; the API keeps it too.
//!
//! | module | what it is for |
//! |---|---|
//! | `args` | the commands and their help |
//! | `whose` | whose rule is meant, by names |
//! | `list` | rules as people read them |

mod args;
mod list;
mod whose;

use anyhow::Context as _;
use proto_events::directory::{Limits, Rule, RuleChannels, RuleScope, Snapshot};
use proto_events::{ChannelSet, Column};
use store::{NewRule, Store};

pub(crate) use args::RulesCommand;
use args::{RemoveArgs, SetArgs};

use crate::or_none::OrNone;
use crate::screen::Screen;

/// Runs a command.
///
/// # Errors
/// If the database is away, or nothing is called so.
pub(crate) async fn run(command: RulesCommand) -> anyhow::Result<()> {
    match command {
        RulesCommand::Set(args) => set(&args).await,
        RulesCommand::List(args) => list::run(&args).await,
        RulesCommand::Remove(args) => remove(&args).await,
    }
}

async fn set(args: &SetArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let directory = store.load_directory().await?;
    let scope = args.whose.scope(&directory)?;
    let (channels, limits) = changed(args, found(&directory, scope));
    if limits.muted && matches!(scope, RuleScope::Personal { .. }) {
        anyhow::bail!(
            "a mute is for a product or a product type: give --product or --product-type"
        );
    }
    let id = store.put_rule(&NewRule { scope, channels }, limits).await?;
    let rule = Rule {
        id,
        scope,
        channels,
        limits,
    };
    Screen::new().say(&list::line(&directory, &rule))
}

async fn remove(args: &RemoveArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let directory = store.load_directory().await?;
    let scope = args.whose.scope(&directory)?;
    if matches!(scope, RuleScope::Personal { .. }) {
        anyhow::bail!(
            "a personal rule is not removed: without one, nothing that names the person reaches them; \
             give --product, --product-type or --group, or change it with notifyctl rules set"
        );
    }
    let rule = found(&directory, scope).context("there is no such rule")?;
    store.remove_rule(rule.id).await?;
    Screen::new().say(&format!("Removed rule {}.", rule.id))
}

fn found(directory: &Snapshot, scope: RuleScope) -> Option<&Rule> {
    directory.rules.iter().find(|rule| rule.scope == scope)
}

/// A rule after the change; a new one names no channel but those that are given.
fn changed(args: &SetArgs, before: Option<&Rule>) -> (RuleChannels, Limits) {
    let (mut channels, mut limits) = before
        .map_or((RuleChannels::NONE, Limits::default()), |rule| {
            (rule.channels, rule.limits)
        });
    if let Some(chosen) = &args.channels {
        let chosen: ChannelSet = chosen.0.iter().copied().collect();
        let all = &Column::ALL[..];
        for column in args.events.as_deref().unwrap_or(all) {
            channels.set(*column, chosen);
        }
    }
    if args.mute || args.unmute {
        limits.muted = args.mute;
    }
    if let Some(OrNone(minimum)) = args.minimum_severity {
        limits.minimum_severity = minimum;
    }
    (channels, limits)
}
