//! People.

use proto_events::directory::User;
use sqlx::types::Json;

use crate::error::StoreError;
use crate::pages::{Page, Window};
use crate::rows::owned;
use crate::store::Store;

/// Which people are meant: those that agree with every member.
#[derive(Clone, Debug, Default)]
pub struct PeopleFilter {
    /// The one of this id.
    pub id: Option<i64>,
    /// The one of this name.
    pub username: Option<String>,
    /// With this mail address.
    pub email: Option<String>,
    /// Who are active, or are not.
    pub active: Option<bool>,
    /// Who are superusers, or are not.
    pub superuser: Option<bool>,
}

impl Store {
    /// A page of people, by id.
    ///
    /// # Errors
    /// If the database is away, or holds a role this release does not know.
    pub async fn people_page(
        &self,
        filter: &PeopleFilter,
        window: Window,
    ) -> Result<Page<User>, StoreError> {
        let found = sqlx::query!(
            r#"WITH matching AS (
                   SELECT * FROM users
                   WHERE deleted_at IS NULL
                     AND ($1::bigint IS NULL OR id = $1) AND ($2::text IS NULL OR username = $2)
                     AND ($3::text IS NULL OR email = $3) AND ($4::boolean IS NULL OR active = $4)
                     AND ($5::boolean IS NULL OR superuser = $5)
               ), page AS (SELECT * FROM matching ORDER BY id LIMIT $6 OFFSET $7)
               SELECT (SELECT count(*) FROM matching) AS "count!",
                      coalesce((SELECT jsonb_agg(to_jsonb(page) ORDER BY id) FROM page), '[]')
                          AS "rows!: Json<Vec<User>>""#,
            filter.id,
            filter.username.as_deref().map(owned),
            filter.email.as_deref().map(owned),
            filter.active,
            filter.superuser,
            i64::from(window.limit),
            window.offset
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Page {
            count: found.count,
            rows: found.rows.0,
        })
    }
}
