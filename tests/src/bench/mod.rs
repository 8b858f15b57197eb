//! What `./dev bench` measures: our figures beside the limits they are compared with, on real
//! servers, in one run.
//!
//! | module | what it is for |
//! |---|---|
//! | [`router`] | events a second through the router, beside [`pass_through`] |
//! | [`alerts`] | alert rows a second from the event on, beside plain inserts |
//! | [`senders`] | deliveries a second of each sender, beside bare clients |
//! | [`isolation`] | what a bad endpoint does to the others' latency |
//! | [`latency`] | from publishing to the receiver, beside the disk's flush |
//! | [`ledger`] | claims and finishes a second, beside plain inserts |
//! | [`directory_sync`] | changes of the directory a second, beside plain inserts |
//! | [`directory`] | the router's directory of a [`large`] organisation |
//! | [`scheduler`] | the SLA job over many open findings |
//! | [`memory`] | resident memory of each service at rest |
//! | [`organisation`], [`past`], [`events`], [`jobs`] | what is measured with |
//! | [`http_receiver`], [`mail_receiver`], [`arrivals`] | where it arrives |
//! | [`bare`] | the clients that senders are compared with |
//! | [`stage`], [`broker`], [`passage`], [`process`] | how it is measured |
//! | [`figures`] | medians, spreads, tables |

pub mod alerts;
pub mod arrivals;
pub mod bare;
pub mod broker;
pub mod directory;
pub mod directory_sync;
pub mod events;
pub mod figures;
pub mod http_receiver;
pub mod isolation;
pub mod jobs;
pub mod large;
pub mod latency;
pub mod ledger;
pub mod mail_receiver;
pub mod memory;
pub mod organisation;
pub mod pass_through;
pub mod passage;
pub mod past;
pub mod process;
pub mod router;
pub mod scheduler;
pub mod senders;
pub mod stage;

/// How often each figure is measured; ours and the limit in turn.
pub const ROUNDS: usize = 3;

/// Tells on stderr what is being measured, since a run takes minutes.
pub fn progress(what: &str) {
    eprintln!("bench: {what}");
}
