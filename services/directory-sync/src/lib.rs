//! Keeps the directory in step with DefectDojo: users, products, memberships, and what the
//! scheduler reads, such as engagements and findings.
//!
//! | module | what it is for |
//! |---|---|
//! | [`config`] | the variables of this service |
//! | `reading` | from a message to a change, or to why it is none |
//! | `verdict` | what is to be done with a message once the database has spoken |
//! | `sync` | the loop: take, apply, send to wait, file, acknowledge |
//! | `sweeping` | forgets what is old enough, now and then |
//! | `count` | what became of changes, as a metric |

pub mod config;
mod count;
mod reading;
mod sweeping;
mod sync;
mod verdict;

pub use config::SyncConfig;
pub use sync::run;
