//! Destinations with a filter: each stands where its filter points, so that an event asks those
//! that may be for it and no others.

use std::collections::BTreeSet;
use std::sync::Arc;

use proto_events::directory::{Filter, FilteredDestination};
use proto_events::job::DestinationId;

use super::Directory;

impl Directory {
    /// Destinations whose filters may let events about this product, of this type, through; by id.
    pub(crate) fn watching(
        &self,
        product: Option<i64>,
        product_type: Option<i64>,
    ) -> Vec<&FilteredDestination> {
        let product = product.and_then(|id| self.products.get(&id));
        let product_type = product_type.and_then(|id| self.product_types.get(&id));
        let mut ids: Vec<DestinationId> = self.watching_all.iter().copied().collect();
        ids.extend(product.iter().flat_map(|entry| &entry.watched_by));
        ids.extend(product_type.iter().flat_map(|entry| &entry.watched_by));
        ids.sort_unstable();
        let found = ids.iter().filter_map(|id| self.filtered.get(id));
        found.map(Arc::as_ref).collect()
    }

    /// Every destination with a filter, by id.
    #[must_use]
    pub fn filtered_destinations(&self) -> Vec<&FilteredDestination> {
        let mut all: Vec<_> = self.filtered.values().map(Arc::as_ref).collect();
        all.sort_unstable_by_key(|filtered| filtered.destination.id);
        all
    }

    pub(super) fn take_filtered(&mut self, id: DestinationId) {
        if let Some(filtered) = self.filtered.remove(&id) {
            self.stand(&filtered.filter, |ids| {
                ids.remove(&id);
            });
        }
    }

    pub(super) fn put_filtered(&mut self, filtered: FilteredDestination) {
        let id = filtered.destination.id;
        self.stand(&filtered.filter, |ids| {
            ids.insert(id);
        });
        self.filtered.insert(id, Arc::new(filtered));
    }

    /// Edits every list in which a destination with this filter stands.
    fn stand(&mut self, filter: &Filter, edit: impl Fn(&mut BTreeSet<DestinationId>)) {
        if !filter.products.is_empty() {
            for product in &filter.products {
                edit(&mut self.products.edit(*product).watched_by);
            }
        } else if !filter.product_types.is_empty() {
            for product_type in &filter.product_types {
                edit(&mut self.product_types.edit(*product_type).watched_by);
            }
        } else {
            edit(Arc::make_mut(&mut self.watching_all));
        }
    }
}
