//! What can go wrong between a service and its database.

use std::time::Duration;

use sqlx::migrate::MigrateError;

use crate::vault::VaultError;

/// A failure of the store. Callers wait and repeat while [`StoreError::is_temporary`];
/// everything else is a fault that repeating will not mend.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection, or it was lost: what was written may or may not be there.
    #[error("the database cannot be reached: {0}; check DD_DATABASE_URL and the server")]
    Unreachable(sqlx::Error),
    /// The database refused a statement.
    #[error("the database refused a statement: {0}")]
    Query(sqlx::Error),
    /// A column holds a word that this release does not know.
    #[error(
        "{column} holds \"{value}\", which this release does not know; is the service older than the schema?"
    )]
    UnknownWord {
        /// Table and column.
        column: &'static str,
        /// What it holds.
        value: String,
    },
    /// Somebody may be at the other end, or nobody.
    #[error("the database did not answer within {} ms", .0.as_millis())]
    NoAnswer(Duration),
    /// The database is a copy that follows another and may lag behind it.
    #[error("the database is a standby, which may lag; DD_DATABASE_URL must name the primary")]
    Standby,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers to make a secret of")]
    NoRandomness,
    /// A value cannot be written as JSON; a fault of its type.
    #[error("a row cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A secret cannot be read or written.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A name that is another's.
    #[error(
        "{0} is the name of something else: of a destination of another channel, or of a person's webhook endpoint; choose another name, or remove that one"
    )]
    NameTaken(String),
    /// The schema cannot be brought up to date.
    #[error("the schema cannot be brought up to date: {0}")]
    Migrate(MigrateError),
    /// The schema is older than this release.
    #[error("the schema is older than this release; run notifyctl migrate")]
    SchemaBehind,
    /// A variable has a value that is none.
    #[error("{variable} is not usable: {problem}")]
    Config {
        /// The variable's name.
        variable: &'static str,
        /// What is wrong and what is allowed; never the value, which may be a secret.
        problem: String,
    },
}

impl StoreError {
    /// Whether the same call may succeed later: the database is away or not migrated yet,
    /// or another transaction was in the way.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::SchemaBehind | Self::NoAnswer(_) | Self::Standby => true,
            // 40 transaction rollback (deadlock), 55 object in use, 57014 statement time-out.
            Self::Query(error) => sqlstate(error).is_some_and(|code| {
                code.starts_with("40") || code.starts_with("55") || code == "57014"
            }),
            _ => false,
        }
    }

    /// PostgreSQL's code of the error, e.g. 28P01, if it gave one.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        match self {
            Self::Unreachable(error) | Self::Query(error) => sqlstate(error),
            _ => None,
        }
    }

    /// Whether the database refused what it was given, and would again.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self, Self::Query(_)) && !self.is_temporary()
    }

    /// Whether the database refused a value for what stands in other rows, or for what it is:
    /// something changed since the caller looked.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        match self {
            // 22 a value out of range, 23 a constraint.
            Self::Query(error) => {
                sqlstate(error).is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
            }
            _ => false,
        }
    }

    /// The constraint that refused a statement, if one did.
    pub(crate) fn constraint(&self) -> Option<String> {
        match self {
            Self::Query(error) => Some(error.as_database_error()?.constraint()?.to_owned()),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_connection_level(&error) {
            Self::Unreachable(error)
        } else {
            Self::Query(error)
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) => error.into(),
            error => Self::Migrate(error),
        }
    }
}

fn is_connection_level(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(_) => sqlstate(error).is_some_and(|code| is_connection_code(&code)),
        _ => false,
    }
}

/// 08 connection, 28 authorization, 3D000 no such database (it may come), 53 no resources,
/// 57P the server is starting, stopping or told us to go.
fn is_connection_code(code: &str) -> bool {
    code == "3D000"
        || ["08", "28", "53", "57P"]
            .iter()
            .any(|class| code.starts_with(class))
}

pub(crate) fn sqlstate(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}
