//! What whole-system tests and benches need: real servers.
//!
//! Nothing in this crate is part of a deployment.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this crate exists only for tests, where a panic is the way to fail"
)]

pub mod api;
pub mod bench;
pub mod browser;
pub mod look;
pub mod play;
pub mod read;
pub mod servers;
pub mod webdriver;
