//! The operator's tool.
//!
//! | module | what it is for |
//! |---|---|
//! | `cli` | the commands and their help |
//! | [`migrate`], [`topology`], [`publish`], [`explain`], [`dead_letters`], [`import`], [`rules`], [`timetable`], [`schedule`], [`destinations`], [`webhook`], [`test_send`], [`token`] | one command each |
//! | `people` | people, by the names that operators know |
//! | `screen` | progress, tables and questions, on a terminal and elsewhere |
//! | [`demo`] | the whole way of events on one machine |
//! | [`stage`] | what the demo and the whole-system tests play on |

mod cli;
mod dead_letters;
pub mod demo;
mod destinations;
pub mod explain;
pub mod import;
pub mod migrate;
mod people;
pub mod publish;
mod rules;
mod schedule;
mod screen;
pub mod stage;
mod test_send;
mod timetable;
mod token;
pub mod topology;
mod webhook;

pub use cli::main;
