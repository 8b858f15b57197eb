//! Free ports for private servers.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Result, bail};

/// Below Linux's default range for outgoing connections (32768–60999), so that none of those can take a
/// server's port while it restarts.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// A port on 127.0.0.1 on which nobody listens, picked at random so that servers started side by side differ.
pub(super) fn free() -> Result<u16> {
    for _ in 0..1_000 {
        let random = uuid::Uuid::new_v4().as_u64_pair().1;
        let port = FIRST + u16::try_from(random % u64::from(COUNT))?;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port between {FIRST} and {}", FIRST + COUNT)
}
