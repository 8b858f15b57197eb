//! `notifyctl import defectdojo`: a DefectDojo read through its API v2 into the directory.
//!
//! | module | what it is for |
//! |---|---|
//! | [`args`] | the command and its help |
//! | [`client`] | one request, tried until it is answered or given up |
//! | [`refusal`] | what the API says no with, in words that help |
//! | [`paging`] | where the next page begins |
//! | [`resources`] | what is read, in which order, and what becomes of it |
//! | [`people`], [`access`], [`scheduled`], [`choices`] | from the API's objects to ours; pure |
//! | [`lookups`] | what is read first, because objects are put together of it |
//! | [`reading`] | every page of a resource, one at a time |
//! | [`walk`] | the way through every list, and where a run stands on it |
//! | [`apply`] | pages into the database |
//! | [`progress`] | what a run shows while it reads |
//! | [`reconcile`] | deletes here what is gone upstream |
//! | [`rehearsal`] | what would become of it all, nothing written |
//! | [`adopt`] | rules, settings and webhooks, once |
//! | [`run`] | the whole of it |
//! | [`report`] | what became of it, for people |

mod access;
mod adopt;
mod apply;
mod args;
mod choices;
mod client;
mod lookups;
mod paging;
mod people;
mod progress;
mod reading;
mod reconcile;
mod refusal;
mod rehearsal;
mod report;
mod resources;
mod run;
mod scheduled;
mod walk;

pub use args::{ImportCommand, ImportOptions};
pub use refusal::ApiError;
pub use report::{Report, Tally};
pub use run::{import, rehearse, run};
