//! The manifests for Kubernetes and Compose: that they are whole, sound, and say what the code says.
//!
//! Needs what `./dev test` provides: the services' programs, and the checkers beside `DOJO_PYTHON`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

mod alerts;
mod autoscaling;
mod compose;
mod kinds;
mod program;
mod rendered;
mod secrets;
mod topology;
mod variables;
mod workloads;
