//! See the crate's documentation.

use std::process::ExitCode;

use event_router::RouterConfig;

fn main() -> ExitCode {
    chassis::run("event-router", |config: RouterConfig, runtime| async move {
        event_router::run(&config, runtime).await
    })
}
