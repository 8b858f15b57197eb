//! In-app alerts, and being told whose became more or fewer.

mod news;

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::{column, key, owned};
use crate::store::Store;

pub use news::{AlertNews, Whose};

/// An alert to be written. Texts beyond DefectDojo's limits are cut
/// (`notifications/helper.py`: title 250, description 2,000, icon 25, source 100
/// characters); a link beyond 2,000 would lead elsewhere, and is left out.
#[derive(Clone, Debug)]
pub struct NewAlert {
    /// Its id, see [`proto_events::ids::alert`].
    pub id: Uuid,
    /// Whose it is; none: the system's, shown to nobody.
    pub user: Option<i64>,
    /// One line.
    pub title: String,
    /// What happened.
    pub description: String,
    /// Where it leads.
    pub url: Option<String>,
    /// Font Awesome icon name.
    pub icon: String,
    /// What kind of event it was.
    pub source: String,
    /// Source of the event.
    pub event_source: String,
    /// Id of the event within its source.
    pub event_id: String,
}

/// What became of [`Store::insert_alerts`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertsWritten {
    /// How many are new; those that were there already are not counted.
    pub inserted: usize,
    /// Users who got none, because they are unknown, inactive or deleted.
    pub gone: BTreeSet<i64>,
}

impl Store {
    /// Writes alerts in one statement; an alert that is there, or was there and was
    /// removed, is not written again. The bells of those who got one are rung, once.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn insert_alerts(&self, alerts: &[NewAlert]) -> Result<AlertsWritten, StoreError> {
        let counts = sqlx::query!(
            r#"WITH asked AS (
                   SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[],
                                        $7::text[], $8::text[], $9::text[])
                       AS t (id, user_id, title, description, url, icon, source, event_source, event_id)
               ), judged AS (
                   SELECT asked.*, user_id IS NOT NULL AND users.id IS NULL AS gone
                   FROM asked LEFT JOIN users
                       ON users.id = user_id AND users.active AND users.deleted_at IS NULL
               ), inserted AS (
                   INSERT INTO alerts (id, user_id, title, description, url, icon, source, event_source, event_id)
                   SELECT id, user_id, left(title, 250), left(description, 2000),
                          CASE WHEN char_length(url) <= 2000 THEN url END,
                          left(icon, 25), left(source, 100), event_source, event_id
                   FROM judged WHERE NOT gone
                   ORDER BY id
                   ON CONFLICT (id) DO NOTHING
                   RETURNING user_id
               )
               SELECT (SELECT count(*) FROM inserted) AS "inserted!",
                      (SELECT ring_bells(array_agg(DISTINCT user_id)) FROM inserted) AS rung,
                      ARRAY(SELECT DISTINCT user_id FROM judged WHERE gone) AS "gone!""#,
            &column(alerts, |a| a.id),
            &column(alerts, |a| a.user) as _,
            &column(alerts, |a| owned(&a.title)),
            &column(alerts, |a| owned(&a.description)),
            &column(alerts, |a| a.url.as_deref().map(owned)) as _,
            &column(alerts, |a| owned(&a.icon)),
            &column(alerts, |a| owned(&a.source)),
            &column(alerts, |a| key(&a.event_source)),
            &column(alerts, |a| key(&a.event_id)),
        )
        .fetch_one(&self.pool)
        .await?;
        let inserted = usize::try_from(counts.inserted).unwrap_or_default();
        Ok(AlertsWritten {
            inserted,
            gone: counts.gone.into_iter().collect(),
        })
    }
}
