//! What an import would change, nothing written.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use chrono::{DateTime, Utc};
use proto_events::{DirectoryChange, Kind};
use serde_json::Value;
use store::{Store, StoreError};

use super::choices::Known;
use super::report::{Report, table};
use super::resources::Object;
use crate::screen::printable;

/// How many names are shown of each sort.
const SHOWN: usize = 3;

/// Objects, and the names of the first few.
#[derive(Debug, Default)]
struct Named {
    count: u64,
    names: Vec<String>,
}

/// What would become of one kind.
#[derive(Debug, Default)]
struct Difference {
    new: Named,
    changed: Named,
    gone: Named,
    same: u64,
    seen: HashSet<String>,
}

/// What would become of everything, compared so far.
#[derive(Debug, Default)]
pub(super) struct Rehearsal {
    kinds: BTreeMap<Kind, Difference>,
}

impl Named {
    fn add(&mut self, name: impl FnOnce() -> String) {
        self.count += 1;
        if self.names.len() < SHOWN {
            self.names.push(name());
        }
    }
}

impl Rehearsal {
    /// Compares changes with what is here.
    pub(super) async fn compare(
        &mut self,
        store: &Store,
        changes: &[DirectoryChange],
    ) -> Result<(), StoreError> {
        for kind in Kind::ALL {
            let mut group: Vec<&DirectoryChange> = changes
                .iter()
                .filter(|change| change.kind == kind)
                .collect();
            if group.is_empty() {
                continue;
            }
            group.sort_by_key(|change| {
                (
                    change.object.as_ref().and_then(|it| it["id"].as_i64()),
                    change.subject.to_string(),
                )
            });
            let keys: Vec<String> = group
                .iter()
                .map(|change| change.subject.to_string())
                .collect();
            let stored = store.stored_objects(kind, &keys).await?;
            let stored: HashMap<String, Value> =
                stored.into_iter().map(|it| (it.key, it.object)).collect();
            let difference = self.kinds.entry(kind).or_default();
            for (change, key) in group.into_iter().zip(keys) {
                // A list that shifts shows some objects twice.
                if difference.seen.insert(key.clone()) {
                    difference.count(change, &key, stored.get(&key));
                }
            }
        }
        Ok(())
    }

    /// Finds what is here and was not read.
    pub(super) async fn find_gone(&mut self, store: &Store) -> Result<(), StoreError> {
        for kind in Kind::ALL {
            let keys = store.stored_keys(kind).await?;
            let difference = self.kinds.entry(kind).or_default();
            let gone: Vec<String> = keys
                .into_iter()
                .filter(|key| !difference.seen.contains(key))
                .collect();
            let shown = store
                .stored_objects(kind, &gone[..gone.len().min(SHOWN)])
                .await?;
            let names: HashMap<String, Value> =
                shown.into_iter().map(|it| (it.key, it.object)).collect();
            for key in gone {
                let object = names.get(&key).cloned();
                difference.gone.add(|| name(kind, object.as_ref(), &key));
            }
        }
        Ok(())
    }

    /// Who would be here.
    pub(super) fn known(&self) -> Known {
        let ids = |kind: Kind| -> HashSet<i64> {
            let seen = self.kinds.get(&kind).into_iter().flat_map(|it| &it.seen);
            seen.filter_map(|key| key.parse().ok()).collect()
        };
        Known {
            users: ids(Kind::User),
            products: ids(Kind::Product),
        }
    }

    /// The difference, for people.
    pub(super) fn show(&self, report: &Report) -> String {
        let notes: String = report
            .notes
            .iter()
            .map(|note| printable(note) + "\n")
            .collect();
        let problems: String = report
            .problems
            .iter()
            .map(|why| format!("cannot be written: {}\n", printable(why)))
            .collect();
        format!(
            "{notes}{self}{problems}Nothing was written. What is gone is deleted only with --reconcile."
        )
    }
}

impl Difference {
    fn count(&mut self, change: &DirectoryChange, key: &str, stored: Option<&Value>) {
        let sort = match stored {
            None => &mut self.new,
            Some(stored) if is_same(change, stored) => {
                self.same += 1;
                return;
            }
            Some(_) => &mut self.changed,
        };
        sort.add(|| name(change.kind, change.object.as_ref(), key));
    }
}

/// Whether writing the change would leave what is here as it is.
fn is_same(change: &DirectoryChange, stored: &Value) -> bool {
    let mut value = stored.clone();
    // A Slack id that was found out here stays while the address is the same.
    if let Some(object) = &change.object
        && change.kind == Kind::User
        && object["slack_user_id"].is_null()
        && object["slack_email"] == value["slack_email"]
    {
        value["slack_user_id"] = Value::Null;
    }
    let kind = change.kind;
    // Read like a change, so that defaults and times have one form.
    let stored = Object { kind, value }.upsert(DateTime::<Utc>::UNIX_EPOCH);
    stored.is_ok_and(|stored| stored.object == change.object)
}

fn name(kind: Kind, object: Option<&Value>, key: &str) -> String {
    match (kind, object) {
        (Kind::GroupMember | Kind::Membership, _) | (_, None) => key.to_owned(),
        (_, Some(value)) => {
            let value = value.clone();
            Object { kind, value }.name()
        }
    }
}

impl fmt::Display for Rehearsal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles = ["kind", "new", "changed", "gone", "same"];
        let rows = self.kinds.iter().map(|(kind, it)| {
            let numbers = [it.new.count, it.changed.count, it.gone.count, it.same];
            (kind.as_str(), numbers.map(|number| number.to_string()))
        });
        writeln!(f, "{}", table(titles, rows))?;
        for (kind, it) in &self.kinds {
            for (sign, named) in [("+", &it.new), ("~", &it.changed), ("-", &it.gone)] {
                if named.count == 0 {
                    continue;
                }
                let names: Vec<String> = named.names.iter().map(|name| printable(name)).collect();
                let more = match named.count - names.len() as u64 {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                writeln!(f, "{sign} {kind}: {}{more}", names.join(", "))?;
            }
        }
        Ok(())
    }
}
