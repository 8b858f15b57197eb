//! See the crate's documentation.

use std::process::ExitCode;

use webhook_sender::Config;

fn main() -> ExitCode {
    chassis::run("webhook-sender", |config: Config, runtime| async move {
        webhook_sender::run(&config, runtime).await
    })
}
