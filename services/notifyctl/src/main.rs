//! See the crate's documentation.

use std::process::ExitCode;

fn main() -> ExitCode {
    notifyctl::main()
}
