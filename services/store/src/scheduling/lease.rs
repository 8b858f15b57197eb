//! Which replica of the scheduler acts.

use std::time::Duration;

use uuid::Uuid;

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// Takes or keeps the scheduler's lease, and says whether it is this holder's for a term
    /// from now on, by the database's clock. A lease that lasts longer than any could was
    /// given before that clock stepped back, and counts as over.
    ///
    /// # Errors
    /// If the database is away; the lease may then have been taken or not.
    pub async fn take_lease(&self, holder: Uuid, term: Duration) -> Result<bool, StoreError> {
        let taken = sqlx::query!(
            "INSERT INTO scheduler_lease AS lease (holder, held_until)
             VALUES ($1, now() + make_interval(secs => $2))
             ON CONFLICT (id) DO UPDATE SET holder = EXCLUDED.holder, held_until = EXCLUDED.held_until
             WHERE lease.holder = EXCLUDED.holder OR lease.held_until <= now()
                OR lease.held_until > now() + make_interval(secs => $2 * 2)",
            holder,
            term.as_secs_f64(),
        )
        .execute(&self.pool)
        .await?;
        Ok(taken.rows_affected() == 1)
    }

    /// Gives the lease back, if it is this holder's, so that another need not wait for its end.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn give_back_lease(&self, holder: Uuid) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM scheduler_lease WHERE holder = $1", holder)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
