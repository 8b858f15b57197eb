//! Who was told of an event, by its decision.

use std::collections::BTreeSet;

use proto_events::{Channel, ids};
use serde_json::Value;
use store::browse::ListedEvent;
use uuid::Uuid;

use crate::access::Caller;
use crate::app::App;
use crate::refusal::Refusal;

/// Who was told, by the decision, as far as whoever looks may know.
pub(super) struct Told<'e> {
    decision: Option<&'e ListedEvent>,
    is_whole: bool,
}

impl<'e> Told<'e> {
    pub(super) const fn new(decision: Option<&'e ListedEvent>, caller: &Caller) -> Self {
        Self {
            decision,
            is_whole: caller.superuser,
        }
    }

    /// The decision's names over some channels, none being the system.
    fn names(&self, meant: impl Fn(&str) -> bool) -> impl Iterator<Item = Option<&'e str>> {
        let decisions = self.decision.and_then(|it| it.decisions.as_object());
        let lists = decisions.into_iter().flatten();
        let lists = lists.filter(move |(channel, _)| meant(channel));
        let names = lists.filter_map(|(_, list)| list.as_array()).flatten();
        names.map(Value::as_str)
    }

    /// The ids of those who may be asked about.
    pub(super) async fn users(&self, app: &App, caller: &Caller) -> Result<Vec<i64>, Refusal> {
        if !self.is_whole {
            return Ok(vec![caller.id]);
        }
        let names: BTreeSet<&str> = self.names(|_| true).flatten().collect();
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        Ok(app.store.user_ids(&names).await?.into_values().collect())
    }

    /// Whether the system itself is told, by a message.
    pub(super) fn system(&self) -> bool {
        let is_message = |channel: &str| channel != Channel::Alert.as_str();
        self.is_whole && self.names(is_message).any(|name| name.is_none())
    }

    /// The ids of the alerts that there may be.
    pub(super) fn alerts(&self, source: &str, id: &str, users: &[i64]) -> Vec<Uuid> {
        let system = self.is_whole.then_some(None);
        let users = users.iter().copied().map(Some).chain(system);
        users.map(|user| ids::alert(source, id, user)).collect()
    }

    /// Whether somebody is told less than the event says.
    pub(super) fn is_redacted(&self, username: &str) -> bool {
        let redacted = self.decision.and_then(|it| it.notes["redacted"].as_array());
        redacted.is_some_and(|names| names.iter().any(|name| name == username))
    }
}
