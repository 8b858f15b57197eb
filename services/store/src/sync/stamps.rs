//! Which changes are newer than what is known?

use std::collections::{BTreeMap, BTreeSet};

use proto_events::directory_change::Stamp;
use proto_events::{DirectoryChange, Kind};
use sqlx::PgConnection;

use crate::error::StoreError;
use crate::rows::column;

/// The newest change of each object among those at `places`: its place, by the object's
/// key, in the order in which every writer locks.
pub(super) fn newest(
    changes: &[&DirectoryChange],
    places: impl Iterator<Item = usize>,
) -> BTreeMap<String, usize> {
    let mut newest = BTreeMap::new();
    for place in places {
        let best = newest
            .entry(changes[place].subject.to_string())
            .or_insert(place);
        if changes[*best].stamp < changes[place].stamp {
            *best = place;
        }
    }
    newest
}

/// Notes the changes that are newer than what is known of their objects; gives their places.
pub(super) async fn note(
    database: &mut PgConnection,
    kind: Kind,
    changes: &[&DirectoryChange],
    candidates: &BTreeMap<String, usize>,
) -> Result<BTreeSet<usize>, StoreError> {
    if candidates.is_empty() {
        return Ok(BTreeSet::new());
    }
    let keys: Vec<&String> = candidates.keys().collect();
    let stamps: Vec<Stamp> = candidates
        .values()
        .map(|place| changes[*place].stamp)
        .collect();
    // Row comparison goes member by member, as Stamp's own order does.
    let noted = sqlx::query_scalar!(
        "INSERT INTO directory_objects AS known (kind, key, at, deleted, hash)
         SELECT $1, key, at, deleted, hash
         FROM UNNEST($2::text[], $3::timestamptz[], $4::boolean[], $5::uuid[]) AS change (key, at, deleted, hash)
         ON CONFLICT (kind, key) DO UPDATE SET at = EXCLUDED.at, deleted = EXCLUDED.deleted,
             hash = EXCLUDED.hash, noted_at = now()
             WHERE (known.at, known.deleted, known.hash) < (EXCLUDED.at, EXCLUDED.deleted, EXCLUDED.hash)
         RETURNING key",
        kind.as_str(),
        &keys as _,
        &column(&stamps, |stamp| stamp.at),
        &column(&stamps, |stamp| stamp.deleted),
        &column(&stamps, |stamp| stamp.hash),
    )
    .fetch_all(database)
    .await?;
    Ok(noted
        .iter()
        .filter_map(|key| candidates.get(key).copied())
        .collect())
}
