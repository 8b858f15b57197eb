//! Tokens of the API. Whoever shows one is its user.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};

use crate::error::StoreError;
use crate::rows::{owned, text};
use crate::store::Store;

/// Random bytes of a token; as many as DefectDojo's have, and written in the same way.
const TOKEN_LEN: usize = 20;

/// Somebody who is known and may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user's id.
    pub id: i64,
    /// The user's name.
    pub username: String,
    /// Whether they may do everything.
    pub superuser: bool,
}

/// A token as it is listed: without itself, which nobody knows but its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedToken {
    /// Its id.
    pub id: i64,
    /// Whose it is.
    pub username: String,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub used_at: Option<DateTime<Utc>>,
    /// Since when it is worth nothing.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Makes a token for a user; none if nobody is called so. It is never shown again.
    ///
    /// # Errors
    /// If the database is away, or the system gives no random numbers.
    pub async fn create_token(
        &self,
        username: &str,
        name: &str,
    ) -> Result<Option<(i64, SecretString)>, StoreError> {
        let token = new_token()?;
        let id = sqlx::query_scalar!(
            "INSERT INTO api_tokens (user_id, name, hash)
             SELECT id, $2, $3 FROM users WHERE username = $1 AND deleted_at IS NULL
             RETURNING id",
            username,
            owned(name),
            hash(token.expose_secret())
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(id.map(|id| (id, token)))
    }

    /// Who holds a token: none if it was never made or was revoked, or its user may not come in.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn token_holder(&self, token: &str) -> Result<Option<Identity>, StoreError> {
        Ok(sqlx::query_as!(
            Identity,
            r#"WITH shown AS (
                   SELECT token.id AS token, used_at, users.id, username, superuser
                   FROM api_tokens AS token JOIN users ON users.id = token.user_id
                   WHERE hash = $1 AND revoked_at IS NULL AND users.active AND users.deleted_at IS NULL
               ), noted AS (
                   UPDATE api_tokens SET used_at = now() FROM shown
                   WHERE api_tokens.id = shown.token
                     AND (shown.used_at IS NULL OR shown.used_at < now() - interval '1 minute')
               )
               SELECT id, username, superuser FROM shown"#,
            hash(token)
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// The person of a name, whom somebody else vouches for: none if they may not come in.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn identity_of(&self, username: &str) -> Result<Option<Identity>, StoreError> {
        Ok(sqlx::query_as!(
            Identity,
            "SELECT id, username, superuser FROM users
             WHERE username = $1 AND active AND deleted_at IS NULL",
            &text(username)
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Tokens, by user, the newest first: all of them, or one user's.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn tokens(&self, username: Option<&str>) -> Result<Vec<ListedToken>, StoreError> {
        Ok(sqlx::query_as!(
            ListedToken,
            "SELECT token.id, username, name, created_at, used_at, revoked_at
             FROM api_tokens AS token JOIN users ON users.id = token.user_id
             WHERE $1::text IS NULL OR username = $1
             ORDER BY username, token.id DESC",
            username
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Revokes a token. False if there is none of that id, or it was revoked before.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn revoke_token(&self, id: i64) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "UPDATE api_tokens SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL",
            id
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Revokes a token of a user. False if they have none of that id, or it was revoked before.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn revoke_own_token(&self, user: i64, id: i64) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "UPDATE api_tokens SET revoked_at = now()
             WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL",
            id,
            user
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}

/// A text that nobody guesses.
pub(crate) fn new_token() -> Result<SecretString, StoreError> {
    let mut bytes = [0; TOKEN_LEN];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| StoreError::NoRandomness)?;
    let mut token = String::with_capacity(2 * TOKEN_LEN);
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(token, "{byte:02x}");
    }
    Ok(SecretString::from(token))
}

/// What is kept of one.
pub(crate) fn hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}
