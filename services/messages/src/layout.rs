//! One file a channel: how a message looks there, and what the channel allows.

pub mod alert;
pub mod connector;
pub mod mail;
pub mod slack;
pub mod teams;
pub mod webhook;

mod budget;
mod plain;
