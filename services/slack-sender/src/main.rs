//! See the crate's documentation.

use std::process::ExitCode;

use slack_sender::Config;

fn main() -> ExitCode {
    chassis::run("slack-sender", |config: Config, runtime| async move {
        slack_sender::run(&config, runtime).await
    })
}
