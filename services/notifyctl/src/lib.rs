//! The operator's tool.
//!
//! | module | what it is for |
//! |---|---|
//! | `cli` | the commands and their help |
//! | [`migrate`], [`topology`], [`publish`], [`explain`], [`dead_letters`], [`import`], [`rules`], [`timetable`], [`schedule`], [`destinations`], [`webhook`], [`status`], [`deliveries`], [`tail`], [`test_send`], [`token`], [`rekey`], [`doctor`], [`completions`] | one command each |
//! | [`hold`] | `pause` and `resume` |
//! | `attempts` | attempts as tables |
//! | `moment` | points in time as people write them |
//! | `or_none` | values as people write them, or the word none |
//! | `people` | people, by the names that operators know |
//! | `screen` | progress, tables and questions, on a terminal and elsewhere |
//! | [`demo`] | the whole way of events on one machine |
//! | [`stage`] | what the demo and the whole-system tests play on |

mod attempts;
mod cli;
mod completions;
mod dead_letters;
mod deliveries;
pub mod demo;
mod destinations;
mod doctor;
pub mod explain;
mod hold;
pub mod import;
pub mod migrate;
mod moment;
mod or_none;
mod people;
pub mod publish;
mod rekey;
mod rules;
mod schedule;
pub mod screen;
pub mod stage;
mod status;
mod tail;
mod test_send;
mod timetable;
mod token;
pub mod topology;
mod webhook;

pub use cli::main;
