//! Decides who is told of an event, and publishes one job per delivery.
//!
//! | module | what it is for |
//! |---|---|
//! | [`config`] | the variables of the router |
//! | `directory` | the directory in memory, never older than a second |
//! | `read` | from a message to an event |
//! | [`jobs`] | from decisions to jobs, and the words for the event's record |
//! | `ruling` | what is to be done with one message |
//! | `router` | the loop: take, decide, publish, record, acknowledge |

pub mod config;
mod directory;
pub mod jobs;
mod read;
mod router;
mod ruling;

pub use config::RouterConfig;
pub use router::run;
