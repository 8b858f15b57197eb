//! The store on a real PostgreSQL; every test has a database of its own.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

mod account;
mod alert_news;
mod alert_plans;
mod alerts;
mod change_log;
mod dead_letters;
mod destinations;
mod directory;
mod endpoint_states;
mod held;
mod ledger;
mod meanwhile;
mod named;
mod parking;
mod pauses;
mod rules;
mod scheduling;
mod schema;
mod secrets;
mod slack;
mod support;
mod sync;
mod webhook_secrets;
