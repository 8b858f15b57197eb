//! See the crate's documentation.

use std::process::ExitCode;

use directory_sync::SyncConfig;

fn main() -> ExitCode {
    chassis::run("directory-sync", |config: SyncConfig, runtime| async move {
        directory_sync::run(&config, runtime).await
    })
}
