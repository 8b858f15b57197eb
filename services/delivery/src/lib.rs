//! What every sender needs around one attempt.
//!
//! | module | what it is for |
//! |---|---|
//! | [`channel`] | the trait a sender implements: one attempt over one channel |
//! | [`compose`] | from a task to the message that its channel lays out |
//! | [`config`] | the variables every sender reads |
//! | [`sender`] | the loop: take, claim, attempt, record, acknowledge |
//! | `intake` | from a chunk of messages to claimed tasks |
//! | `verdict` | from outcomes to ladder copies, ledger rows, dead letters |
//! | `settle` | writes those down and acknowledges |
//! | [`http`] | one HTTP exchange, judged |
//! | [`metrics`] | what is counted |

pub mod channel;
pub mod compose;
pub mod config;
pub mod http;
mod intake;
pub mod metrics;
pub mod sender;
mod settle;
mod verdict;

pub use channel::{Channel, Task};
pub use compose::Composer;
pub use config::DeliveryConfig;
pub use sender::run;
