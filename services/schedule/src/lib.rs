//! What only time makes happen: which jobs there are, when they are due, and what they tell
//! or clean up. The scheduler runs them; `notifyctl schedule` shows and rehearses them.
//!
//! What a job decides is pure: facts from the store, the moment and the settings go in,
//! notices come out. Every notice has an id made of its object, threshold and day, so that
//! telling it twice changes nothing. `docs/scheduling.md` has a timeline for each job.
//!
//! | module | what it is for |
//! |---|---|
//! | [`job`] | the jobs, by name |
//! | [`config`] | their variables |
//! | [`timing`] | cron expressions in a time zone: what is due, what comes next |
//! | [`notice`] | something to tell, and its form on the wire |
//! | [`engagements`], [`sla`], [`flood`], [`risk_acceptances`] | what is told of whom, when and how |
//! | [`report`] | what a run came to, and what it passed over |
//! | [`run`], `telling`, `cleaning` | a run: reads, decides, hands out |
//! | [`outlet`] | where notices go: to the broker, or only to the eye |
//! | [`holding`], [`digest`] | what was held back, once it is due; several in one message |

mod cleaning;
pub mod config;
pub mod digest;
pub mod engagements;
pub mod flood;
pub mod holding;
pub mod job;
pub mod notice;
pub mod outlet;
pub mod report;
pub mod risk_acceptances;
pub mod run;
pub mod sla;
mod telling;
pub mod timing;

pub use config::ScheduleConfig;
pub use digest::Draft;
pub use holding::{Holding, Released};
pub use job::Job;
pub use notice::Notice;
pub use outlet::{Outlet, Rehearsal, Telling};
pub use report::{Report, Skip};
pub use run::{Due, RunError, Runner};
pub use timing::Timing;
