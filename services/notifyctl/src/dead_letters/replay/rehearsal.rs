//! A replay that changes nothing.

use chassis::broker::Outgoing;
use delivery::replay::{Plan, planned};
use proto_events::Names;
use store::{LetterFilter, Order, Store};

use crate::dead_letters::id::short;
use crate::dead_letters::select::Walk;
use crate::screen::Screen;

/// Says what would be published.
pub(super) async fn run(
    screen: &Screen,
    store: &Store,
    names: &Names,
    filter: LetterFilter,
) -> anyhow::Result<()> {
    let mut walk = Walk::new(store, filter, Order::OldestFirst);
    while let Some(letter) = walk.next().await? {
        let Some(plan) = planned(store, names, &letter).await? else {
            continue;
        };
        let what = match &plan {
            Plan::Send(outgoing) => told(outgoing),
            Plan::Again(outgoing) => {
                format!("{}, if you agree: it has arrived meanwhile", told(outgoing))
            }
            Plan::Impossible(why) => format!("cannot be sent: {why}"),
        };
        screen.say(&format!("{}  {what}", short(letter.id)))?;
    }
    screen.say("Nothing was sent: a dry run.")
}

fn told(outgoing: &Outgoing) -> String {
    format!(
        "to {} with key {}, id {}, attempt {}",
        outgoing.exchange, outgoing.routing_key, outgoing.message_id, outgoing.headers.attempt
    )
}
