//! Real servers to run against: the ones that are there, or private ones.
//!
//! A private server has its own ports, name, data folder and password, listens on 127.0.0.1 only, and
//! leaves nothing behind: a guard process ends it and removes its folder when its owner is dropped or
//! dies, even by SIGKILL. Debian's packages `rabbitmq-server` and `postgresql` supply the programs.

mod account;
mod broker;
mod choice;
mod database;
mod existing;
mod folder;
mod guard;
mod packages;
mod ports;

pub use broker::PrivateBroker;
pub use choice::{Servers, Wanted};
pub use database::PrivateDatabase;
