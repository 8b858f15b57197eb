//! The way out of mails: what a person's own rules say of them, and whose rules say it besides.

use proto_events::Column;

use crate::error::StoreError;
use crate::store::Store;

/// What sends a person mails about some columns, however their own rules stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StillMailing {
    /// They may do everything, so that the system rule counts for them.
    pub superuser: bool,
    /// Those of the columns for which the system rule has mail.
    pub system: Vec<Column>,
    /// Groups they are in whose rules have mail for one of the columns, by name.
    pub groups: Vec<String>,
    /// Their address is also one of the system's own, or a destination's with a filter.
    pub shared: bool,
}

impl Store {
    /// Takes mail out of a person's own rules (personal, for products and for product types) for
    /// some columns, and says what else sends them mails of these; none if there is no such
    /// person. Doing it again changes nothing.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn stop_mail(
        &self,
        user: i64,
        columns: &[Column],
    ) -> Result<Option<StillMailing>, StoreError> {
        let names: Vec<String> = columns.iter().map(|it| it.as_str().to_owned()).collect();
        sqlx::query!(
            "UPDATE rules SET channels = channels || (
                 SELECT coalesce(jsonb_object_agg(key, value - 'mail'), '{}') FROM jsonb_each(channels)
                 WHERE key = ANY ($2) AND jsonb_typeof(value) = 'array')
             WHERE user_id = $1 AND EXISTS (SELECT FROM unnest($2::text[]) AS wanted WHERE channels -> wanted ? 'mail')",
            user,
            &names
        )
        .execute(&self.pool)
        .await?;
        let found = sqlx::query!(
            r#"WITH wanted AS (SELECT unnest($2::text[]) AS wanted),
                    by_system AS (SELECT wanted FROM wanted, rules WHERE scope = 'system' AND channels -> wanted ? 'mail')
               SELECT u.superuser,
                      ARRAY(SELECT wanted FROM by_system) AS "system!",
                      ARRAY(SELECT DISTINCT g.name
                            FROM group_members AS m JOIN groups AS g ON g.id = m.group_id
                            JOIN rules AS r ON r.group_id = g.id
                            WHERE m.user_id = u.id AND EXISTS (SELECT FROM wanted WHERE r.channels -> wanted ? 'mail')
                            ORDER BY g.name) AS "groups!",
                      EXISTS (SELECT FROM destinations
                              WHERE user_id IS NULL AND channel = 'mail' AND gone_at IS NULL AND u.email <> ''
                                AND lower(address) = lower(u.email)
                                AND (filter IS NOT NULL OR EXISTS (SELECT FROM by_system))) AS "shared!"
               FROM users AS u WHERE id = $1 AND deleted_at IS NULL"#,
            user,
            &names
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.map(|it| StillMailing {
            superuser: it.superuser,
            system: it.system.iter().flat_map(|name| name.parse()).collect(),
            groups: it.groups,
            shared: it.shared,
        }))
    }
}
