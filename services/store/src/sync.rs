//! Changes of the directory, applied in groups.
//!
//! Each object's newest change counts, by its stamp, whichever came first; the table
//! `directory_objects` remembers it. An object that is deleted takes what hangs below it
//! out of sight, not out of the tables: the views `live_…` show what is seen.
//!
//! | module | what it is for |
//! |---|---|
//! | `parents` | is there what an object hangs below? |
//! | `stamps` | which changes are newer than what is known? |
//! | `write` | the rows of those |
//! | [`sweep`] | what is old enough to be forgotten |

mod parents;
mod stamps;
pub mod sweep;
mod write;

use proto_events::{DirectoryChange, Kind};
use sqlx::{Acquire, Executor, PgConnection};

use crate::error::StoreError;
use crate::store::Store;
use parents::Standing;

/// What became of a change. The texts are for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is written.
    Applied,
    /// A newer change of the object is known, or this very one.
    Superseded,
    /// What the object hangs below was deleted: nobody sees it, and nothing waits for it.
    Obsolete(String),
    /// Something is not there that may still come; nothing is written.
    Waits(String),
    /// The database refuses it; nothing is written.
    Refused(String),
}

impl Store {
    /// Applies changes in one transaction, and says of each what became of it. Applying them
    /// again changes nothing. What the database refuses together it is given one by one.
    ///
    /// # Errors
    /// If the database is away; then nothing, or everything, is written.
    pub async fn apply_changes(
        &self,
        changes: &[DirectoryChange],
    ) -> Result<Vec<Fate>, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // A username that is taken shall be refused with its user, not at the end with everybody.
        transaction.execute("SET CONSTRAINTS ALL IMMEDIATE").await?;
        let mut fates = vec![Fate::Superseded; changes.len()];
        for kind in Kind::ALL {
            let places: Vec<usize> = (0..changes.len())
                .filter(|place| changes[*place].kind == kind)
                .collect();
            let group: Vec<&DirectoryChange> =
                places.iter().map(|place| &changes[*place]).collect();
            let found = apply_group(&mut transaction, kind, &group).await?;
            for (place, fate) in places.into_iter().zip(found) {
                fates[place] = fate;
            }
        }
        transaction.commit().await?;
        Ok(fates)
    }
}

/// Applies changes of one kind: together, or else one by one.
async fn apply_group(
    database: &mut PgConnection,
    kind: Kind,
    changes: &[&DirectoryChange],
) -> Result<Vec<Fate>, StoreError> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    match attempt(database, kind, changes).await {
        Err(error) if error.is_refusal() => {}
        fates => return fates,
    }
    let mut fates = Vec::with_capacity(changes.len());
    for change in changes {
        match attempt(database, kind, &[change]).await {
            Ok(found) => fates.extend(found),
            Err(error) if error.is_refusal() => fates.push(refused(change, &error)),
            Err(error) => return Err(error),
        }
    }
    Ok(fates)
}

/// Applies changes of one kind together, or leaves no trace of them.
async fn attempt(
    database: &mut PgConnection,
    kind: Kind,
    changes: &[&DirectoryChange],
) -> Result<Vec<Fate>, StoreError> {
    let mut savepoint = database.begin().await?;
    let fates = apply(&mut savepoint, kind, changes).await?;
    savepoint.commit().await?;
    Ok(fates)
}

async fn apply(
    database: &mut PgConnection,
    kind: Kind,
    changes: &[&DirectoryChange],
) -> Result<Vec<Fate>, StoreError> {
    let parents = parents::look_up(database, changes).await?;
    let standings: Vec<Standing> = changes
        .iter()
        .map(|change| parents.standing(change))
        .collect();
    let known = (0..changes.len()).filter(|place| standings[*place].is_known());
    let candidates = stamps::newest(changes, known);
    let winners = stamps::note(database, kind, changes, &candidates).await?;
    let (mut rows, mut gone) = (Vec::new(), Vec::new());
    for (change, standing) in winners.iter().map(|at| (changes[*at], &standings[*at])) {
        match &change.object {
            Some(object) if standing.can_be_written() => rows.push(object.clone()),
            // Where it was before, it is no more.
            Some(_) | None => gone.push(change.subject),
        }
    }
    write::write(database, kind, rows, &gone).await?;
    let fate = |(place, standing): (usize, Standing)| match standing {
        Standing::Unknown(what) => Fate::Waits(what),
        _ if !winners.contains(&place) => Fate::Superseded,
        Standing::Gone(what) | Standing::OutOfSight(what) => Fate::Obsolete(what),
        Standing::InSight => Fate::Applied,
    };
    Ok(standings.into_iter().enumerate().map(fate).collect())
}

/// What the database's refusal of a single change comes to.
fn refused(change: &DirectoryChange, error: &StoreError) -> Fate {
    match error.constraint().as_deref() {
        // Renaming may have set it free in a change that is still on its way.
        Some("users_username_unique") => {
            let name = change.object.as_ref().map(|user| &user["username"]);
            let name = name.map(ToString::to_string).unwrap_or_default();
            Fate::Waits(format!("the username {name} belongs to another user"))
        }
        // Looked up, and deleted before this was written.
        Some(name) if name.ends_with("_fkey") => {
            Fate::Waits(format!("what it refers to has just been deleted ({name})"))
        }
        _ => Fate::Refused(error.to_string()),
    }
}
