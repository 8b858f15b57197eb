//! The contract between publishers, services and people who read the wire.
//!
//! Everything that crosses a process boundary has its type and its name here, and
//! nothing here does I/O. The JSON Schemas and the AsyncAPI document in `schemas/`
//! are generated from these types (`./dev contract`).
//!
//! | module | what crosses |
//! |---|---|
//! | [`event`] | what publishers send: a CloudEvents envelope around a DefectDojo event |
//! | [`event_name`] | the name of an event and the rule column it follows |
//! | [`job`] | what the router sends: one delivery |
//! | [`outcome`] | what became of an attempt, in one closed vocabulary |
//! | [`endpoint`] | where a webhook endpoint stands, and what moves it |
//! | [`channel`], [`severity`], [`names`], [`headers`] | words on the wire: channels, severities, queues, headers |
//! | [`ids`] | identifiers that two services compute alike |
//! | [`directory`] | users, products, memberships, rules, settings |
//! | [`directory_change`] | what publishers send to keep the directory in step |
//! | [`upstream`] | engagements, tests, findings: what only changes of the directory tell of |
//! | [`shown`] | text of who knows where, as pages and terminals may show it |
//! | [`contract`] | the generated documents |

pub mod channel;
pub mod contract;
pub mod directory;
pub mod directory_change;
pub mod endpoint;
pub mod event;
pub mod event_name;
pub mod headers;
pub mod ids;
pub mod job;
pub mod names;
pub mod outcome;
pub mod payload;
pub mod severity;
pub mod shown;
pub mod trim;
pub mod upstream;

pub use channel::{Channel, ChannelSet};
pub use directory_change::{DirectoryChange, Kind};
pub use endpoint::{Cause, EndpointState};
pub use event::{Event, Unreadable};
pub use event_name::{Column, EventName};
pub use ids::JobId;
pub use job::{Address, DestinationId, Job, Recipient, Target};
pub use names::{Names, Service};
pub use outcome::{Outcome, Reason, Receipt};
pub use severity::Severity;
