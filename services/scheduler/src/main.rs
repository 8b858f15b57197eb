//! See the crate's documentation.

use std::process::ExitCode;

use scheduler::SchedulerConfig;

fn main() -> ExitCode {
    chassis::run("scheduler", |config: SchedulerConfig, runtime| async move {
        scheduler::run(&config, runtime).await
    })
}
