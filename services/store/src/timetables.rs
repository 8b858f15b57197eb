//! When people and destinations want to hear of what they are told.

use chrono::NaiveTime;
use proto_events::directory::{QuietHours, Timetable, Whose};

use crate::error::StoreError;
use crate::rows::json;
use crate::snapshot::timetables;
use crate::store::Store;
use crate::unknown::Unknown;

impl Store {
    /// Reads a timetable; none if everything is told at once.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn timetable(&self, whose: Whose) -> Result<Option<Timetable>, StoreError> {
        let (user, destination) = columns(whose);
        let mut connection = self.pool.acquire().await?;
        let id = sqlx::query_scalar!(
            "SELECT id FROM timetables WHERE user_id = $1 OR destination = $2",
            user,
            destination
        )
        .fetch_optional(&mut *connection)
        .await?;
        let Some(id) = id else { return Ok(None) };
        let mut unknown = Unknown::default();
        let found = timetables(&mut connection, Some(&[id]), &mut unknown).await?;
        unknown.tell();
        Ok(found.into_iter().next().map(|row| row.row.1))
    }

    /// Writes a timetable, replacing the one that is there.
    ///
    /// # Errors
    /// If the database is away, there is no such user or destination, or a destination has
    /// quiet hours.
    pub async fn put_timetable(
        &self,
        whose: Whose,
        timetable: &Timetable,
    ) -> Result<(), StoreError> {
        let (user, destination) = columns(whose);
        let quiet = timetable.quiet;
        let times: Option<(NaiveTime, NaiveTime)> =
            quiet.map(|QuietHours { from, to, .. }| (from, to));
        let (quiet_from, quiet_to) = times.unzip();
        let breaks_through = quiet.and_then(|quiet| quiet.breaks_through);
        let cadences = json(serde_json::to_value(&timetable.cadences)?);
        let mut transaction = self.pool.begin().await?;
        remove(&mut transaction, whose).await?;
        sqlx::query!(
            "INSERT INTO timetables (user_id, destination, time_zone, daily_at, cadences,
                                     quiet_from, quiet_to, breaks_through)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            user,
            destination,
            timetable.time_zone.name(),
            timetable.daily_at,
            cadences,
            quiet_from,
            quiet_to,
            breaks_through.map(|severity| severity.as_str()),
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Removes a timetable: from now on everything is told at once. Says whether it was there.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn remove_timetable(&self, whose: Whose) -> Result<bool, StoreError> {
        let mut connection = self.pool.acquire().await?;
        remove(&mut connection, whose).await
    }
}

async fn remove(database: &mut sqlx::PgConnection, whose: Whose) -> Result<bool, StoreError> {
    let (user, destination) = columns(whose);
    let removed = sqlx::query!(
        "DELETE FROM timetables WHERE user_id = $1 OR destination = $2",
        user,
        destination
    )
    .execute(database)
    .await?;
    Ok(removed.rows_affected() > 0)
}

const fn columns(whose: Whose) -> (Option<i64>, Option<i64>) {
    match whose {
        Whose::User(id) => (Some(id), None),
        Whose::Destination(id) => (None, Some(id)),
    }
}
