//! See the crate's documentation.

use std::process::ExitCode;

use email_sender::Config;

fn main() -> ExitCode {
    chassis::run("email-sender", |config: Config, runtime| async move {
        email_sender::run(&config, runtime).await
    })
}
