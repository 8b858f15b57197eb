//! Is there what an object hangs below?

use std::collections::{BTreeSet, HashMap};

use proto_events::directory_change::Parent;
use proto_events::{DirectoryChange, Kind};
use sqlx::PgConnection;

use crate::error::StoreError;
use crate::rows::column;

/// Where a change stands, by what its object hangs below.
#[derive(Clone, Debug)]
pub(super) enum Standing {
    /// All is there.
    InSight,
    /// Something is deleted; its row can be written all the same, and nobody sees it.
    OutOfSight(String),
    /// Something is deleted and its row is gone, so this one cannot be written.
    Gone(String),
    /// Something has never been heard of, or is out of sight itself without a row.
    Unknown(String),
}

impl Standing {
    /// Whether the change counts among those of its object.
    pub(super) const fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }

    /// Whether its row can be written.
    pub(super) const fn can_be_written(&self) -> bool {
        matches!(self, Self::InSight | Self::OutOfSight(_))
    }
}

/// What is known of an object that others hang below.
struct Known {
    /// It has a row, which may be marked as deleted.
    stored: bool,
    /// It is deleted.
    deleted: bool,
}

/// What is known of the parents of a group; those that are not in it are unknown.
pub(super) struct Parents(HashMap<Parent, Known>);

/// Looks up what these changes' objects hang below, in one statement.
pub(super) async fn look_up(
    database: &mut PgConnection,
    changes: &[&DirectoryChange],
) -> Result<Parents, StoreError> {
    let asked: BTreeSet<Parent> = changes
        .iter()
        .flat_map(|change| change.parents.iter().copied())
        .collect();
    if asked.is_empty() {
        return Ok(Parents(HashMap::new()));
    }
    let asked: Vec<Parent> = asked.into_iter().collect();
    let rows = sqlx::query!(
        r#"SELECT asked.place AS "place!", stamp.deleted AS "deleted?",
                  CASE asked.kind
                      WHEN 'user' THEN EXISTS (SELECT FROM users WHERE id = asked.id)
                      WHEN 'product_type' THEN EXISTS (SELECT FROM product_types WHERE id = asked.id)
                      WHEN 'product' THEN EXISTS (SELECT FROM products WHERE id = asked.id)
                      WHEN 'group' THEN EXISTS (SELECT FROM groups WHERE id = asked.id)
                      WHEN 'engagement' THEN EXISTS (SELECT FROM engagements WHERE id = asked.id)
                      WHEN 'test' THEN EXISTS (SELECT FROM tests WHERE id = asked.id)
                      ELSE false
                  END AS "stored!"
           FROM UNNEST($1::text[], $2::bigint[]) WITH ORDINALITY AS asked (kind, id, place)
           LEFT JOIN directory_objects AS stamp ON stamp.kind = asked.kind AND stamp.key = asked.id::text"#,
        &column(&asked, |parent| parent.kind.as_str()) as _,
        &column(&asked, |parent| parent.id),
    )
    .fetch_all(database)
    .await?;
    let known = rows
        .into_iter()
        .filter(|row| row.stored || row.deleted.is_some())
        .filter_map(|row| {
            let place = usize::try_from(row.place - 1).ok()?;
            let known = Known {
                stored: row.stored,
                deleted: row.deleted.unwrap_or(false),
            };
            Some((*asked.get(place)?, known))
        });
    Ok(Parents(known.collect()))
}

impl Parents {
    /// Where a change stands.
    pub(super) fn standing(&self, change: &DirectoryChange) -> Standing {
        let needs_rows = needs_rows(change.kind);
        let mut standing = Standing::InSight;
        for parent in &change.parents {
            match self.0.get(parent) {
                None => return Standing::Unknown(format!("{parent} is not known")),
                // It hangs below something deleted itself, and may be moved away from there.
                Some(known) if needs_rows && !known.stored && !known.deleted => {
                    return Standing::Unknown(format!("{parent} is below something deleted"));
                }
                Some(known) if needs_rows && !known.stored => {
                    standing = Standing::Gone(format!("{parent} was deleted"));
                }
                Some(known) if known.deleted && standing.can_be_written() => {
                    standing = Standing::OutOfSight(format!("{parent} was deleted"));
                }
                Some(_) => {}
            }
        }
        standing
    }
}

/// Whether foreign keys ask for the rows of what an object hangs below.
const fn needs_rows(kind: Kind) -> bool {
    matches!(kind, Kind::Product | Kind::GroupMember | Kind::Membership)
}
