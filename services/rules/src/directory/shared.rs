//! A map whose copies share all that has not changed since.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use foldhash::fast::FixedState;

/// Into how many parts a map is cut. A change copies one of them; a copy of the map costs as
/// many counts of a reference.
const PARTS: usize = 256;

/// A map cut into parts by the hash of its keys. A clone shares the parts, and whoever changes
/// an entry copies its part first, unless nobody else holds it.
#[derive(Clone, Debug)]
pub(super) struct Shared<K, V>(Vec<Arc<BTreeMap<K, V>>>);

impl<K, V> Default for Shared<K, V> {
    fn default() -> Self {
        Self((0..PARTS).map(|_| Arc::default()).collect())
    }
}

impl<K: Ord + Hash + Clone, V: Clone> Shared<K, V> {
    pub(super) fn get<Q: Ord + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0[part(key)].get(key)
    }

    /// Every value, in no order.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().flat_map(|part| part.values())
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        self.part_mut(&key).insert(key, value);
    }

    pub(super) fn remove<Q: Ord + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        // A part is copied only for what is there.
        self.get(key)?;
        self.part_mut(key).remove(key)
    }

    fn part_mut<Q: Hash + ?Sized>(&mut self, key: &Q) -> &mut BTreeMap<K, V> {
        Arc::make_mut(&mut self.0[part(key)])
    }
}

impl<K: Ord + Hash + Clone, V: Clone + Default> Shared<K, Arc<V>> {
    /// The entry of a key for changing, an empty one if there was none.
    pub(super) fn edit(&mut self, key: K) -> &mut V {
        Arc::make_mut(self.part_mut(&key).entry(key).or_default())
    }
}

/// The part that a key is in; the same in every process, since the hash has no secret. It is
/// asked for everybody in an audience, so it is a quick one.
fn part<Q: Hash + ?Sized>(key: &Q) -> usize {
    let hash = FixedState::default().hash_one(key);
    // The remainder is less than PARTS, so nothing is cut off.
    usize::try_from(hash % PARTS as u64).unwrap_or_default()
}
