//! Sessions of browsers: whoever signed in with a token need not show it again.

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};

use crate::error::StoreError;
use crate::store::Store;
use crate::tokens::{Identity, hash, new_token};

impl Store {
    /// Opens a session for whoever holds a token, and forgets those that have ended; none if the
    /// token is worth nothing. What comes back is shown by the browser from then on.
    ///
    /// # Errors
    /// If the database is away, or the system gives no random numbers.
    pub async fn open_session(
        &self,
        token: &str,
        age: TimeDelta,
    ) -> Result<Option<SecretString>, StoreError> {
        let session = new_token()?;
        let opened = sqlx::query!(
            "WITH ended AS (DELETE FROM sessions WHERE expires_at < now()),
                  shown AS (
                      SELECT token.id FROM api_tokens AS token JOIN users ON users.id = token.user_id
                      WHERE token.hash = $2 AND revoked_at IS NULL
                        AND users.active AND users.deleted_at IS NULL
                  ),
                  noted AS (UPDATE api_tokens SET used_at = now() FROM shown WHERE api_tokens.id = shown.id)
             INSERT INTO sessions (hash, token_id, expires_at)
             SELECT $1, id, now() + make_interval(secs => $3) FROM shown",
            hash(session.expose_secret()),
            hash(token),
            age.as_seconds_f64()
        )
        .execute(&self.pool)
        .await?;
        Ok((opened.rows_affected() > 0).then_some(session))
    }

    /// Whose session it is: none if it was never opened or has ended, its token was revoked, or
    /// its user may not come in. Its token counts as used.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn session_holder(&self, session: &str) -> Result<Option<Identity>, StoreError> {
        Ok(sqlx::query_as!(
            Identity,
            "WITH shown AS (
                 SELECT token.id AS token, used_at, users.id, username, superuser
                 FROM sessions JOIN api_tokens AS token ON token.id = token_id
                               JOIN users ON users.id = token.user_id
                 WHERE sessions.hash = $1 AND expires_at > now()
                   AND revoked_at IS NULL AND users.active AND users.deleted_at IS NULL
             ), noted AS (
                 UPDATE api_tokens SET used_at = now() FROM shown
                 WHERE api_tokens.id = shown.token
                   AND (shown.used_at IS NULL OR shown.used_at < now() - interval '1 minute')
             )
             SELECT id, username, superuser FROM shown",
            hash(session)
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn close_session(&self, session: &str) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM sessions WHERE hash = $1", hash(session))
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
