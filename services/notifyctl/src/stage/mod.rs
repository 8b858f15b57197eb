//! What the demo and the whole-system tests play on: a world of one's own on real servers,
//! the services as processes, and receivers in place of the outside world.
//!
//! ```no_run
//! # async fn play() -> anyhow::Result<()> {
//! use std::time::Duration;
//! use notifyctl::stage::{Fleet, Receivers, Servers, SmtpOptions, World};
//! use proto_events::Service;
//!
//! let world = World::create("test", &Servers::from_environment()?, "1,2".parse().map_err(anyhow::Error::msg)?).await?;
//! let receivers = Receivers::start(&SmtpOptions::default()).await?;
//! let mut fleet = Fleet::new(&world, receivers.environment())?;
//! fleet.start(&Service::ALL)?;
//! fleet.ready(Duration::from_secs(60)).await?;
//! // … publish, then `receivers.record.wait_for(…)`
//! fleet.terminate().await?;
//! world.close().await
//! # }
//! ```
//!
//! | module | what it is for |
//! |---|---|
//! | [`world`] | a private database and a private prefix on the broker |
//! | [`fleet`], [`api`] | the services as processes, and the API as one |
//! | `process` | one of them |
//! | [`receivers`] | Slack, Teams, webhook endpoints and a mail server, which keep what they get |

pub mod api;
pub mod fleet;
mod process;
pub mod receivers;
pub mod world;

pub use api::Api;
pub use fleet::Fleet;
pub use receivers::{Answer, Receivers, SmtpOptions};
pub use world::{Servers, World};
