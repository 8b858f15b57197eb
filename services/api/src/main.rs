//! See the crate's documentation.

use std::process::ExitCode;

use api::ApiConfig;

fn main() -> ExitCode {
    chassis::run(api::NAME, |config: ApiConfig, runtime| async move {
        api::run(config, runtime).await
    })
}
