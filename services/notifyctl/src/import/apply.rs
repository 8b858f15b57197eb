//! Pages into the database, by the same way as changes that are published.

use proto_events::{DirectoryChange, Kind};
use store::{Fate, Store, StoreError};

use super::lookups::Lookups;
use super::paging::Page;
use super::report::Report;
use super::resources::{Object, Resource};

/// Writes changes, and keeps those that wait for something that may still be read.
pub(super) struct Writer<'s> {
    store: &'s Store,
    waiting: Vec<(DirectoryChange, String)>,
}

impl<'s> Writer<'s> {
    pub(super) const fn new(store: &'s Store) -> Self {
        Self {
            store,
            waiting: Vec::new(),
        }
    }

    /// Where it writes.
    pub(super) const fn store(&self) -> &'s Store {
        self.store
    }

    /// Whether everything that was given to it has its place.
    pub(super) const fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Writes changes, and what waited before.
    pub(super) async fn write(
        &mut self,
        mut changes: Vec<DirectoryChange>,
        report: &mut Report,
    ) -> Result<(), StoreError> {
        changes.extend(self.waiting.drain(..).map(|(change, _)| change));
        let fates = self.store.apply_changes(&changes).await?;
        for (change, fate) in changes.into_iter().zip(fates) {
            let tally = report.of(change.kind);
            match fate {
                Fate::Applied if change.object.is_none() => tally.deleted += 1,
                Fate::Applied => tally.written += 1,
                Fate::Superseded => tally.newer_here += 1,
                Fate::Obsolete(_) => tally.obsolete += 1,
                Fate::Waits(why) => self.waiting.push((change, why)),
                Fate::Refused(why) => report.refuse(change.kind, sentence(&change, &why)),
            }
        }
        Ok(())
    }

    /// Tries once more what waits still, and gives up the rest.
    pub(super) async fn end(mut self, report: &mut Report) -> Result<(), StoreError> {
        self.write(Vec::new(), report).await?;
        for (change, why) in self.waiting {
            report.refuse(change.kind, sentence(&change, &why));
        }
        Ok(())
    }
}

fn sentence(change: &DirectoryChange, why: &str) -> String {
    format!("{} {}: {why}", change.kind, change.subject)
}

/// The changes that a page comes to. What is none is refused in the report.
pub(super) fn changes(
    resource: &Resource,
    page: &Page,
    lookups: &Lookups,
    report: &mut Report,
) -> Vec<DirectoryChange> {
    let at = if resource.is_composed {
        page.asked_at.min(lookups.asked_at)
    } else {
        page.asked_at
    };
    let mut changes = Vec::with_capacity(page.results.len());
    for value in &page.results {
        let refusal = |why: String| format!("{} {}: {why}", resource.path, value["id"]);
        let objects = match (resource.map)(value, lookups) {
            Ok(objects) => objects,
            Err(error) => {
                report.refuse(first_kind(resource), refusal(error.to_string()));
                continue;
            }
        };
        for object in objects {
            match object.upsert(at) {
                Ok(change) => changes.push(change),
                Err(error) => report.refuse(object.kind, refusal(error.to_string())),
            }
        }
    }
    changes
}

/// The kind to count an object under that cannot be read.
fn first_kind(resource: &Resource) -> Kind {
    let by_list = Kind::ALL
        .into_iter()
        .find(|kind| super::resources::list_of(*kind) == Some(resource.path));
    by_list.unwrap_or(Kind::Membership)
}

/// That these objects are gone, as of a time.
pub(super) fn deletions(
    objects: &[Object],
    at: chrono::DateTime<chrono::Utc>,
) -> Vec<DirectoryChange> {
    // Their keys were written by ourselves, so that each can be read.
    objects
        .iter()
        .filter_map(|object| object.delete(at).ok())
        .collect()
}
