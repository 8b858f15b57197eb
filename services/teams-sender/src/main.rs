//! See the crate's documentation.

use std::process::ExitCode;

use teams_sender::Config;

fn main() -> ExitCode {
    chassis::run("teams-sender", |config: Config, runtime| async move {
        teams_sender::run(&config, runtime).await
    })
}
