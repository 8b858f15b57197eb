//! `notifyctl migrate`.

use store::{Store, StoreConfig};

/// Brings the schema up to date.
///
/// # Errors
/// If the database is away, or holds a schema of a newer release.
pub async fn run(config: &StoreConfig) -> anyhow::Result<()> {
    let store = Store::new(config, "notifyctl")?;
    store.migrate().await?;
    println!("The schema is up to date.");
    Ok(())
}
