//! See the crate's documentation.

use std::process::ExitCode;

use alert_writer::Config;

fn main() -> ExitCode {
    chassis::run("alert-writer", |config: Config, runtime| async move {
        alert_writer::run(&config, runtime).await
    })
}
