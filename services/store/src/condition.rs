//! The database as a doctor looks at it.

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::store::Store;

/// How the server and our place in it stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// The server's version, as `server_version_num`: 150004 is 15.4.
    pub version: i32,
    /// Whether it follows another server.
    pub standby: bool,
    /// Its clock.
    pub now: DateTime<Utc>,
    /// Who we are there.
    pub user: String,
    /// Tables and views that we may not read.
    pub unreadable: Vec<String>,
}

impl Store {
    /// Looks.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn condition(&self) -> Result<Condition, StoreError> {
        Ok(sqlx::query_as!(
            Condition,
            r#"SELECT current_setting('server_version_num')::int AS "version!", pg_is_in_recovery() AS "standby!",
                      clock_timestamp() AS "now!", current_user::text AS "user!",
                      ARRAY(SELECT relname::text FROM pg_class
                            WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'v')
                              AND NOT has_table_privilege(oid, 'SELECT')
                            ORDER BY relname) AS "unreadable!""#
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Why secrets cannot be read, one entry for each that cannot.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn unreadable_secrets(&self) -> Result<Vec<String>, StoreError> {
        let secrets = self.sealed_secrets().await?;
        let unreadable = secrets
            .iter()
            .filter_map(|secret| self.read_sealed(secret).err());
        Ok(unreadable.map(|error| error.to_string()).collect())
    }
}
