//! What every sender must do, as named checks over one attempt.
//!
//! A sender's test implements [`Subject`] and hands it to [`conform`]. The suite plays
//! receivers that refuse, hang, flood, talk nonsense or show a wrong certificate, and looks
//! at the outcome. Nothing in this crate is part of a deployment.
//!
//! | module | what it is for |
//! |---|---|
//! | [`receiver`] | HTTP receivers that answer with any bytes, never end, or show a wrong certificate |
//! | [`fault`] | what a receiver can do to a sender |
//! | [`suite`] | the checks |
//! | [`mod@task`] | a claimed job, as a sender's loop hands it to its channel |
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this crate exists only for tests, where a panic is the way to fail"
)]

pub mod fault;
pub mod receiver;
pub mod suite;
pub mod task;

pub use fault::{Fault, Staged};
pub use suite::{Check, Failure, Meaning, Subject, conform};
pub use task::task;
