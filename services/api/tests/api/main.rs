//! The API on a real database and a real broker; every test has both of its own.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what cannot be set up or read fails the test"
)]

mod access;
mod alerts;
mod bad_input;
mod browser;
mod desk;
mod document;
mod events;
mod exchanges;
mod existence;
mod history;
mod owners;
mod pages;
mod proxy;
mod rights;
mod sessions;
mod settings;
mod templates;
mod test_messages;
mod timetable;
mod tokens;
mod webhooks;
