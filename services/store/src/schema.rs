//! The database itself: made, brought up to date, dropped.

use std::collections::HashMap;

use secrecy::SecretString;
use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

use crate::error::{StoreError, sqlstate};
use crate::store::{Store, connect_options};

/// The schema, step by step.
static MIGRATOR: Migrator = sqlx::migrate!();

/// Who may do what with it.
const ROLES: &str = include_str!("../roles.sql");

/// Where a server is entered to make and drop other databases.
const MAINTENANCE_DATABASE: &str = "postgres";

impl Store {
    /// Brings the schema up to date. Safe to run from several processes at once.
    ///
    /// # Errors
    /// If the database is away, or was changed by other means than these migrations.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?.detach();
        // A step may rewrite a large table, or wait for another process's steps.
        connection.execute("SET statement_timeout = 0").await?;
        MIGRATOR.run(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }

    /// Gives each service's role the rights that it needs and no others, and makes roles that
    /// are missing, without a password (`roles.sql`). The user must own the tables and, to
    /// make roles, have CREATEROLE.
    ///
    /// # Errors
    /// If the database is away, or the user may not do that.
    pub async fn grant_roles(&self) -> Result<(), StoreError> {
        self.pool.execute(sqlx::raw_sql(ROLES)).await?;
        Ok(())
    }

    /// Whether the schema is the one this release was built for, or a newer one that has
    /// all its steps.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn schema_is_current(&self) -> Result<bool, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let applied = match connection
            .list_applied_migrations(&MIGRATOR.table_name)
            .await
        {
            // 42P01: not even the table of migrations is there.
            Err(MigrateError::Execute(error)) if sqlstate(&error).as_deref() == Some("42P01") => {
                return Ok(false);
            }
            applied => applied?,
        };
        let applied: HashMap<i64, _> = applied
            .into_iter()
            .map(|step| (step.version, step.checksum))
            .collect();
        Ok(MIGRATOR
            .iter()
            .all(|step| applied.get(&step.version) == Some(&step.checksum)))
    }

    /// Whether work can begin: the database is there and its schema is current.
    ///
    /// # Errors
    /// Saying what a service has to wait for.
    pub async fn ready(&self) -> Result<(), StoreError> {
        if self.schema_is_current().await? {
            Ok(())
        } else {
            Err(StoreError::SchemaBehind)
        }
    }
}

/// Creates the database that the URL names, if it is not there.
///
/// # Errors
/// If the server is away or the user may not create databases.
pub async fn create_database(url: &SecretString) -> Result<(), StoreError> {
    let (name, mut server) = enter_server(url).await?;
    let sql = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
    let created = server.execute(AssertSqlSafe(sql)).await;
    server.close().await?;
    match created {
        // 42P04: it is there; 23505: it was made at this very moment.
        Err(error) if matches!(sqlstate(&error).as_deref(), Some("42P04" | "23505")) => Ok(()),
        created => Ok(created.map(|_| ())?),
    }
}

/// Drops the database that the URL names, if it is there, whoever is connected to it.
///
/// # Errors
/// If the server is away or the user may not drop it.
pub async fn drop_database(url: &SecretString) -> Result<(), StoreError> {
    let (name, mut server) = enter_server(url).await?;
    let dropped = server
        .execute(AssertSqlSafe(format!(
            "DROP DATABASE IF EXISTS {name} WITH (FORCE)"
        )))
        .await;
    server.close().await?;
    dropped?;
    Ok(())
}

/// The quoted name of the URL's database, and a connection to its server.
async fn enter_server(url: &SecretString) -> Result<(String, PgConnection), StoreError> {
    let options: PgConnectOptions = connect_options(url)?;
    let Some(name) = options
        .get_database()
        .map(|name| format!("\"{}\"", name.replace('"', "\"\"")))
    else {
        return Err(StoreError::Config {
            variable: "DD_DATABASE_URL",
            problem: "it names no database; write postgres://user:password@host:port/database"
                .to_owned(),
        });
    };
    Ok((
        name,
        options.database(MAINTENANCE_DATABASE).connect().await?,
    ))
}
