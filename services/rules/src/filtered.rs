//! Which destinations with a filter an event goes to.

use proto_events::directory::{Filter, FilteredDestination};

use crate::case::Case;
use crate::facts::Facts;

/// The part of a filter that an event does not pass; the first in the order of the filter's
/// members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeldBack {
    /// The filter names other events.
    Event,
    /// It names other product types.
    ProductType,
    /// It names other products.
    Product,
    /// The product has none of its tags.
    Tags,
    /// The event's findings are less severe.
    Severity,
}

impl<'d> Case<'d> {
    /// The destinations with a filter that are told, by id. A filter stands in place of the
    /// system rule, so the channel's gates hold as they do for the system.
    pub(crate) fn filtered(&self, facts: &Facts<'_>) -> Vec<&'d FilteredDestination> {
        let mut told = self.watching(facts);
        told.retain(|it| self.is_open(it) && self.held_back(&it.filter, facts).is_none());
        told
    }

    /// Those that might be, by where their filters point.
    pub(crate) fn watching(&self, facts: &Facts<'_>) -> Vec<&'d FilteredDestination> {
        let directory = self.directory;
        directory.watching(facts.product, self.product_type_id)
    }

    fn is_open(&self, filtered: &FilteredDestination) -> bool {
        let channel = filtered.destination.channel;
        self.enabled.contains(channel) && self.allowed.contains(channel)
    }

    /// Why a filter does not let the event through; none if it does.
    pub(crate) fn held_back(&self, filter: &Filter, facts: &Facts<'_>) -> Option<HeldBack> {
        let misses = |ids: &[i64], id: Option<i64>| {
            !ids.is_empty() && !id.is_some_and(|id| ids.contains(&id))
        };
        let tags = self.product.map_or(&[][..], |product| &product.tags);
        let untagged = || !filter.tags.iter().any(|tag| tags.contains(tag));
        let too_mild = |minimum| self.severity.is_some_and(|severity| severity < minimum);
        if !filter.is_for(facts.name) {
            Some(HeldBack::Event)
        } else if misses(&filter.product_types, self.product_type_id) {
            Some(HeldBack::ProductType)
        } else if misses(&filter.products, facts.product) {
            Some(HeldBack::Product)
        } else if !filter.tags.is_empty() && untagged() {
            Some(HeldBack::Tags)
        } else if filter.minimum_severity.is_some_and(too_mild) {
            Some(HeldBack::Severity)
        } else {
            None
        }
    }
}
