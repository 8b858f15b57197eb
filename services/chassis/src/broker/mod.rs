//! Sessions with RabbitMQ.
//!
//! A process holds two connections: one that publishes, one that consumes, since a
//! memory alarm stops every frame of a publishing connection. Each side rebuilds its own
//! session (connection, topology, channel, consumer) after any loss; lapin's own
//! recovery stays off, because it can leave a connection stuck without an error.

mod ack;
mod batch;
mod consumer;
mod definitions;
mod keeper;
mod lanes;
mod message;
mod publisher;
mod rights;
mod session;
mod socket;
mod tail;
mod topology;

pub use ack::{Ack, AckWindow, Settle};
pub use consumer::{Consumer, Incoming};
pub use message::{Headers, Outgoing};
pub use publisher::{Published, Publisher, PublisherStopped};
pub use rights::{Rights, User, Write};
pub use session::{BrokerError, Session};
pub use tail::Tail;
pub use topology::{QueueState, Topology};
