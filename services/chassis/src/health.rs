//! Whether the service can do its work, part by part.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The parts that a service needs to be ready, and what ails those that are not.
#[derive(Clone, Debug, Default)]
pub struct Health {
    parts: Arc<Mutex<BTreeMap<&'static str, Option<String>>>>,
}

/// One part of a service, e.g. its consumer or its database.
#[derive(Clone, Debug)]
pub struct Part {
    name: &'static str,
    health: Health,
}

impl Health {
    /// Adds a part, not ready until it says so.
    #[must_use]
    pub fn part(&self, name: &'static str) -> Part {
        let part = Part {
            name,
            health: self.clone(),
        };
        part.set(Some("starting".to_owned()));
        part
    }

    /// What ails the parts that are not ready; empty when all are.
    #[must_use]
    pub fn ailments(&self) -> BTreeMap<&'static str, String> {
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts
            .iter()
            .filter_map(|(name, state)| Some((*name, state.clone()?)))
            .collect()
    }
}

impl Part {
    /// The part works; logged when it did not before.
    pub fn up(&self) {
        if self.set(None).is_some() {
            tracing::info!(part = self.name, "ready");
        }
    }

    /// The part does not work; logged when the reason is new.
    pub fn down(&self, reason: impl std::fmt::Display) {
        let reason = reason.to_string();
        if self.set(Some(reason.clone())) != Some(reason.clone()) {
            tracing::warn!(part = self.name, reason, "not ready");
        }
    }

    /// Sets the state and gives back the one before.
    fn set(&self, state: Option<String>) -> Option<String> {
        let mut parts = self
            .health
            .parts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        parts.insert(self.name, state).flatten()
    }
}
