//! `notifyctl migrate`.

use clap::Args;
use store::{Store, StoreConfig};

/// What `migrate` is told.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// Where the database is.
    #[command(flatten)]
    store: StoreConfig,
    /// Also give each service's role the rights that it needs, and make roles that are missing
    #[arg(long, env = "DD_DATABASE_ROLES")]
    roles: bool,
}

/// Brings the schema up to date.
///
/// # Errors
/// If the database is away, or holds a schema of a newer release.
pub async fn run(args: &MigrateArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    store.migrate().await?;
    println!("The schema is up to date.");
    if args.roles {
        store.grant_roles().await?;
        println!("Every role has its rights. One that is new has no password yet.");
    }
    Ok(())
}
