//! A list of users or groups, each with the row that says so: two rows may say the same.

/// Sorted pairs in one piece of memory, since every event about a product walks its list; a
/// change copies the list, which is a copy of memory too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links(Vec<(i64, i64)>);

impl Links {
    /// Those in it, in order; whoever is in it by two rows twice.
    pub(crate) fn ids(&self) -> impl ExactSizeIterator<Item = i64> {
        self.0.iter().map(|(id, _)| *id)
    }

    pub(crate) fn contain(&self, id: i64) -> bool {
        self.0
            .binary_search_by_key(&id, |(linked, _)| *linked)
            .is_ok()
    }

    pub(super) fn insert(&mut self, id: i64, row: i64) {
        if let Err(place) = self.0.binary_search(&(id, row)) {
            self.0.insert(place, (id, row));
        }
    }

    pub(super) fn remove(&mut self, id: i64, row: i64) {
        if let Ok(place) = self.0.binary_search(&(id, row)) {
            self.0.remove(place);
        }
    }
}
