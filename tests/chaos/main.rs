//! What must hold while services and servers die.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

mod accounts;
mod session;

/// Held for writing by a test that keeps every core busy, and for reading by those whose
/// time limits that would overrun.
static MACHINE: tokio::sync::RwLock<()> = tokio::sync::RwLock::const_new(());
