//! What every sender needs around one attempt.
//!
//! | module | what it is for |
//! |---|---|
//! | [`channel`] | the trait a sender implements: one attempt over one channel |
//! | [`compose`] | from a task to the message that its channel lays out |
//! | [`templates`] | the operator's templates and people's, read again when they change |
//! | [`config`] | the variables every sender reads |
//! | [`sender`] | a sender's life: connect, work, finish what is in hand |
//! | `take` | takes messages, from the queue, the waiting room and the lines before destinations |
//! | `message` | a message, wherever it came from: the queue or a line |
//! | `intake` | from a chunk of messages to claimed tasks |
//! | `rate` | how often a destination is tried |
//! | `lanes` | how many attempts are under way at each destination |
//! | `waiting_room` | jobs before a lane that is full |
//! | `attempt` | from tasks to attempts, and from attempts to verdicts |
//! | `spans` | what traces tell of a job |
//! | `verdict`, `clerk` | from verdicts to ladder copies, ledger rows, dead letters, lines |
//! | `failure` | superusers hear of what was given up |
//! | `outcomes`, `settle` | the tasks that write those down and acknowledge |
//! | [`http`] | one HTTP exchange, judged |
//! | [`guard`] | where webhooks may go |
//! | [`endpoint`] | requests to webhook endpoints |
//! | [`replay`] | what is published for a dead letter that is sent again |
//! | [`test_message`] | a job that only shows whether it arrives |
//! | [`metrics`] | what is counted |

mod attempt;
pub mod channel;
mod clerk;
pub mod compose;
pub mod config;
pub mod endpoint;
mod failure;
pub mod guard;
pub mod http;
mod intake;
mod lanes;
mod message;
pub mod metrics;
mod outcomes;
mod rate;
pub mod replay;
pub mod sender;
mod settle;
mod spans;
mod take;
pub mod templates;
pub mod test_message;
mod verdict;
mod waiting_room;

pub use channel::{Channel, Scope, Task};
pub use compose::Composer;
pub use config::DeliveryConfig;
pub use sender::run;
