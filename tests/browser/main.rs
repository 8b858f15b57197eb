//! People at the pages of a running installation, with a real browser.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

mod visit;

mod bell;
mod dead_letter;
mod webhook;
