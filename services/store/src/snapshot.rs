//! The directory's rows, for the router to hold in memory: all of them, or those that changed.
//!
//! What a newer release wrote and this one does not know is noted and passed over, since one
//! such row must not stop all routing: it routes nothing and opens nothing.

mod choices;
mod objects;
mod people;
mod timetables;

use choices::{destinations, filtered, rules};
use objects::{deleted_product_types, deleted_products, product_types, products};
use people::{group_members, groups, memberships, users};
use proto_events::directory::{Snapshot, Touched};
use sqlx::PgConnection;
pub(crate) use timetables::timetables;

use crate::error::StoreError;
use crate::settings::read_settings;
use crate::store::Store;
use crate::unknown::Unknown;

/// The rows that are wanted: those with these ids, or all.
type Ids<'t> = Option<&'t [i64]>;

impl Store {
    /// Reads everything a decision depends on, as of one moment. Who keeps it up to date takes
    /// a [`Store::directory_reader`].
    ///
    /// # Errors
    /// If the database is away.
    pub async fn load_directory(&self) -> Result<Snapshot, StoreError> {
        Ok(self.directory_reader().load().await?.0)
    }

    /// A version of the directory that holds all that is committed now: an event that was
    /// decided with this one or a higher one was decided with all of it.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn directory_version(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS "version!""#
        )
        .fetch_one(&self.pool)
        .await?)
    }
}

/// Reads rows of every table; the version is left to the caller.
pub(crate) async fn read_rows(
    database: &mut PgConnection,
    touched: Option<&Touched>,
) -> Result<Snapshot, StoreError> {
    let mut unknown = Unknown::default();
    // The rows of a table that are named under the same or another table's name, or all.
    macro_rules! rows {
        ($read:ident) => {
            rows!($read of $read)
        };
        ($read:ident of $table:ident) => {
            match touched.map(|touched| touched.$table.as_slice()) {
                Some([]) => Vec::new(),
                ids => $read(database, ids, &mut unknown).await?,
            }
        };
    }
    let snapshot = Snapshot {
        version: 0,
        users: rows!(users),
        product_types: rows!(product_types),
        products: rows!(products),
        deleted_product_types: rows!(deleted_product_types of product_types),
        deleted_products: rows!(deleted_products of products),
        groups: rows!(groups),
        group_members: rows!(group_members),
        memberships: rows!(memberships),
        rules: rows!(rules),
        settings: read_settings(&mut *database).await?.0,
        destinations: rows!(destinations),
        filtered: rows!(filtered of destinations),
        timetables: rows!(timetables),
    };
    unknown.tell();
    Ok(snapshot)
}
