//! `SERVICE healthcheck`: asks the running service whether it is ready, for containers whose
//! image has no shell and no curl.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};

/// How long connecting, asking and each piece of the answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// The subcommand's name.
pub(crate) const NAME: &str = "healthcheck";

/// The subcommand, for the help.
pub(crate) fn command() -> clap::Command {
    clap::Command::new(NAME)
        .about("Ask the service that runs here whether it is ready: exit code 0 says yes")
}

/// Asks `/readyz` of a service that listens there.
///
/// # Errors
/// If nobody answers, or the service is not ready; the message says what ails it.
pub fn ask(listen: SocketAddr) -> anyhow::Result<()> {
    let address = SocketAddr::new(reachable(listen.ip()), listen.port());
    let answer = answer(address).with_context(|| {
        format!("no answer from {address}; does the service run, with this DD_HTTP_LISTEN?")
    })?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.split(' ').nth(1) {
        Some("200") => Ok(()),
        _ => bail!("not ready: {}", body.trim()),
    }
}

fn answer(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Who listens on every address is asked on loopback.
const fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    }
}
