//! Runs the jobs that only time makes happen, and holds back what is for a digest or for after
//! quiet hours. Any number of replicas; one acts at a time.
//!
//! | module | what it is for |
//! |---|---|
//! | [`config`] | the variables of this service |
//! | `lease` | which replica acts: taken, kept, lost |
//! | `intake` | jobs that are held back: taken, kept, acknowledged |
//! | `work` | the loop: what is due, run it, sleep until the next |
//! | `count` | what runs came to, as metrics |

pub mod config;
mod count;
mod intake;
mod lease;
mod work;

pub use config::SchedulerConfig;
pub use work::run;
