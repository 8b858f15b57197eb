//! The variables of the store. Each field's doc is its help text.

use std::num::NonZeroU32;

use secrecy::SecretString;

/// Where the database is when nobody says otherwise. On loopback TLS hides nothing, and with
/// sqlx 0.9.0 (which leaves TCP_NODELAY off, transact-rs/sqlx issue 4335) it costs a grouped
/// statement 40 ms.
pub const DEFAULT_DATABASE_URL: &str =
    "postgres://postgres@127.0.0.1:5432/dojo_notify?sslmode=disable";

/// Where the database is and how its secrets are encrypted.
#[derive(Clone, Debug, clap::Args)]
pub struct StoreConfig {
    /// PostgreSQL (15 or newer), as `postgres://user:password@host:port/database`
    /// Default: `postgres://postgres@127.0.0.1:5432/dojo_notify?sslmode=disable`
    #[arg(
        long,
        env = "DD_DATABASE_URL",
        default_value = DEFAULT_DATABASE_URL,
        hide_env_values = true,
        hide_default_value = true
    )]
    pub database_url: SecretString,
    /// Key for secrets at rest: 32 bytes as base64 or 64 hex digits. Several are separated
    /// by commas: the first encrypts, all decrypt. Needed only where a secret is read or
    /// written [default: none]
    #[arg(
        long,
        env = "DD_CREDENTIAL_AES_256_KEY",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub credential_aes_256_key: Option<SecretString>,
    /// How many connections to the database a service opens at most
    #[arg(long, env = "DD_DATABASE_CONNECTIONS", default_value = "8")]
    pub database_connections: NonZeroU32,
}
