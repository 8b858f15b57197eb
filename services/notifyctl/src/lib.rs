//! The operator's tool.
//!
//! | module | what it is for |
//! |---|---|
//! | `cli` | the commands and their help |
//! | [`migrate`], [`topology`], [`publish`], [`explain`] | one command each |
//! | [`demo`] | the whole way of events on one machine |
//! | [`stage`] | what the demo and the whole-system tests play on |

mod cli;
pub mod demo;
pub mod explain;
pub mod migrate;
pub mod publish;
pub mod stage;
pub mod topology;

pub use cli::main;
