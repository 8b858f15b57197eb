//! The rules, tested through the crate's public door.

#![expect(
    clippy::unwrap_used,
    reason = "a test whose setting cannot be made has failed"
)]

mod access;
mod beyond;
mod deltas;
mod explanations;
mod filters;
mod holding;
mod properties;
mod routing;
mod strategies;
mod world;
