//! Decides who is told of an event, and publishes one job per delivery.
//!
//! | module | what it is for |
//! |---|---|
//! | [`config`] | the variables of the router |
//! | `directory` | the directory in memory, never older than a second |
//! | `read` | from a message to an event |
//! | [`jobs`] | from decisions to jobs, and why somebody gets none |
//! | [`record`] | what is remembered of an event |
//! | `ruling` | what is to be done with one message |
//! | `work` | what is to be done for the messages of a chunk |
//! | `sending` | jobs on their way to the broker, a window at a time |
//! | `statement` | how many rows go into one statement |
//! | `filing` | dead letters on their way to the database |
//! | `survey` | figures of queues and tables, for metrics |
//! | `router` | the loop: take, decide, publish, record, acknowledge |

pub mod config;
mod directory;
mod filing;
pub mod jobs;
mod read;
pub mod record;
mod router;
mod ruling;
mod sending;
mod statement;
mod survey;
mod work;

pub use config::RouterConfig;
pub use router::run;
