//! What stands in the form of a rule.

use std::collections::{BTreeMap, BTreeSet};

use proto_events::directory::RuleChannels;
use proto_events::{Channel, Column};
use serde_json::{Map, Value, json};

use super::scope::Scope;
use crate::pages::form::Form;
use crate::rest::content::Fields;
use crate::rest::notifications::Notification;

/// The name under which a form says which channels it shows.
pub(super) const SHOWN: &str = "shown";

/// What stands in the form; channels as they were sent, whatever they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    chosen: BTreeMap<Column, BTreeSet<String>>,
    /// Empty: none.
    pub(super) minimum_severity: String,
    pub(super) muted: bool,
    /// Whether there is a rule already.
    pub(super) is_stored: bool,
}

impl Values {
    /// What is stored, or what holds until something is.
    pub(super) fn stored(rule: Option<&Notification>, scope: &Scope) -> Self {
        let channels = match (rule, scope) {
            (Some(rule), _) => rule.channels(),
            // A rule for a product holds what its owner chooses, and nothing by itself.
            (None, Scope::Product { .. }) => RuleChannels::NONE,
            (None, _) => RuleChannels::default(),
        };
        let words = |column| {
            let words = channels.get(column).iter().map(|it| it.as_str().to_owned());
            (column, words.collect())
        };
        let severity = rule.and_then(|rule| rule.minimum_severity);
        Self {
            chosen: Column::ALL.into_iter().map(words).collect(),
            minimum_severity: severity.map_or_else(String::new, |it| it.to_string()),
            muted: rule.is_some_and(|rule| rule.muted),
            is_stored: rule.is_some(),
        }
    }

    /// What was sent, over what is stored: the choice of channels that were not shown stays.
    pub(super) fn written(form: &Form, rule: Option<&Notification>, scope: &Scope) -> Self {
        let mut values = Self::stored(rule, scope);
        for (column, words) in &mut values.chosen {
            words.retain(|word| form.all(SHOWN).all(|shown| shown != word));
            words.extend(form.all(column.as_str()).map(str::to_owned));
        }
        form.text("minimum_severity")
            .clone_into(&mut values.minimum_severity);
        values.muted = form.has("muted");
        values
    }

    /// Whether a box is ticked.
    pub(super) fn has(&self, column: Column, channel: Channel) -> bool {
        let words = self.chosen.get(&column);
        words.is_some_and(|words| words.contains(channel.as_str()))
    }

    /// The fields of the resource; `person` is whose rule it is, unless it is nobody's.
    pub(super) fn fields(&self, scope: &Scope, person: i64) -> Fields {
        let columns = self.chosen.iter();
        let mut fields: Map<String, Value> = columns
            .map(|(column, words)| (column.as_str().to_owned(), json!(words)))
            .collect();
        let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        match scope {
            Scope::System => {}
            Scope::Template => {
                set("template", true.into());
            }
            Scope::Personal => {
                set("user", person.into());
            }
            Scope::Product { id, .. } => {
                set("user", person.into());
                set("product", (*id).into());
            }
        }
        if scope.has_mute() {
            set("muted", self.muted.into());
        }
        if scope.has_minimum() {
            let severity = Some(self.minimum_severity.as_str()).filter(|it| !it.is_empty());
            set("minimum_severity", json!(severity));
        }
        Fields(fields)
    }
}
