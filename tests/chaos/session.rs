//! Every client of a broker comes back by itself, whatever becomes of its sessions, and
//! loses nothing that was confirmed.

mod alarm;
mod back;
mod client;
mod closed;
mod dead;
mod kills;
mod load;
mod proxy;
mod refused;

use std::time::Duration;

use chassis::Runtime;

use crate::MACHINE;
use client::Pace;

/// Bodies as small events have them, and not more of them than a busy machine can move.
const STEADY: Pace = Pace {
    pause: Duration::from_millis(50),
    size: 1024,
};

/// How many sessions each side has had, publishing first.
fn sessions(runtime: &Runtime) -> [u64; 2] {
    let sessions = &runtime.metrics.broker_sessions;
    ["publish", "consume"].map(|side| sessions.with_label_values(&[side]).get())
}
