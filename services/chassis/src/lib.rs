//! What every service needs, and nothing about how a channel delivers, or about tables.
//!
//! | module | what it is for |
//! |---|---|
//! | [`start`] | from `main` to a running service and out again: config, logs, signals, exit code |
//! | [`config`] | the variables every service reads |
//! | [`broker`] | sessions with RabbitMQ: topology, publishing with confirms, chunked consuming, acknowledging |
//! | [`ladder`] | which rung a retry takes |
//! | [`reconnect`] | how long to wait before trying a server again |
//! | [`health`], [`metrics`], [`http`] | `/livez`, `/readyz`, `/metrics` |
//! | [`healthcheck`] | asking `/readyz` from within a container |
//! | [`telemetry`] | logs |
//! | [`trace`] | spans, the trace context that travels, and its export |

pub mod broker;
pub mod config;
pub mod health;
pub mod healthcheck;
pub mod http;
pub mod ladder;
pub mod metrics;
pub mod reconnect;
pub mod start;
pub mod telemetry;
pub mod trace;

pub use start::{Runtime, run};
