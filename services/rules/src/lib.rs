//! Who is told of an event, and through which channels. Pure: no I/O, no clock.
//!
//! [`decide`] takes an indexed [`Directory`], the installation's [`Policy`] and the [`Facts`]
//! of one event. It answers in five steps, each with a file of its own:
//!
//! | step | file | question |
//! |---|---|---|
//! | audience | `access` | who may view what the event is about |
//! | rules | `said`, `merge` | which channels a receiver's rules name |
//! | filters | `filtered` | which destinations with a filter it goes to |
//! | gates | `case` | which channels are switched on, and allowed by the event |
//! | redaction | `decide` | does a directed recipient see what the event is about |
//!
//! Whether a job then waits for a digest or for the end of quiet hours is asked of each destination
//! ([`Directory::held`]: `holding`, and `window` for local times); the moment is the caller's.
//!
//! [`Explainer`] takes the same steps for one receiver and says why each went as it did; an
//! [`Answer`] is that for all of them, in words.
//!
//! Each receiver is decided in isolation: one person's rules never change what another is
//! told. DefectDojo (`notifications/helper.py`) merges into a shared row, which leaks; that is
//! the one behaviour left out here.

mod access;
pub mod answer;
mod case;
mod decide;
mod directory;
mod explain;
mod facts;
mod filtered;
mod holding;
mod merge;
mod policy;
mod said;
mod window;

pub use answer::{Answer, Filtered, Of, Receiver, Told};
pub use decide::{Decisions, Notes, UserDecision, decide};
pub use directory::{Directory, Presence};
pub use explain::{
    ChannelExplanation, DestinationExplanation, Explainer, Explanation, Muted, Reason, RuleKind,
    Subject,
};
pub use facts::Facts;
pub use holding::{Held, Recheck};
pub use policy::{Policy, PolicyConfig, Trump, UnknownWithoutAccess, WithoutAccess};
