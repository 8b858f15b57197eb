//! Tests of the whole system on real servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

mod api;
mod awkward;
mod bad_input;
mod counts;
mod dead_letters;
mod deliveries;
mod digests;
mod directed;
mod directory_sync;
mod doctor;
mod endpoint_states;
mod explain;
mod failure_alerts;
mod filters;
mod freshness;
mod given_up;
mod guard;
mod holds;
mod hostile_text;
mod least_rights;
mod limits;
mod lines;
mod made_up_requests;
mod mail;
mod metrics;
mod operator;
mod pauses;
mod proxy;
mod rekey;
mod scheduler;
mod servers;
mod slack;
mod status;
mod tail;
mod teams;
mod templates;
mod test_send;
mod topology_diff;
mod traces;
mod way;
mod with_servers;
