//! Runs the jobs that only time makes happen. Any number of replicas; one acts at a time.
//!
//! | module | what it is for |
//! |---|---|
//! | [`config`] | the variables of this service |
//! | `lease` | which replica acts: taken, kept, lost |
//! | `work` | the loop: what is due, run it, sleep until the next |
//! | `count` | what runs came to, as metrics |

pub mod config;
mod count;
mod lease;
mod work;

pub use config::SchedulerConfig;
pub use work::run;

/// The service's name: its binary, and its label in metrics.
pub const NAME: &str = "scheduler";
