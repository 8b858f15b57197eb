//! What jobs decide, at times that tests choose: no clock, no database, no broker.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

mod bad_input;
mod digests;
mod engagements;
mod risk_acceptances;
mod sla;
mod support;
mod timing;
mod years;
