//! `notifyctl import defectdojo`, from the answers of a running DefectDojo into a database of
//! its own.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be set up or read fails the test"
)]

mod dojo;
mod faults;
mod play;
mod reconcile;
mod rehearsal;
mod rules;
mod whole;
