//! Runs a command with a broker and a database: those that run if they can be used, else private ones,
//! which are removed afterwards.

use std::{io::IsTerminal as _, os::unix::process::ExitStatusExt as _, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::Parser;
use system_tests::servers::{Servers, Wanted};
use tokio::{
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

/// Runs COMMAND with DD_BROKER_URL and DD_DATABASE_URL naming servers that can be used.
#[derive(Debug, Parser)]
struct Arguments {
    /// Start private servers even if others run.
    #[arg(long)]
    provision: bool,
    /// A broker that may be used.
    #[arg(
        long,
        env = "DD_BROKER_URL",
        hide_env_values = true,
        default_value = "amqp://guest:guest@127.0.0.1:5672/%2f"
    )]
    broker_url: String,
    /// The maintenance database of a PostgreSQL that may be used.
    #[arg(
        long,
        env = "DD_DATABASE_URL",
        hide_env_values = true,
        default_value = "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable"
    )]
    database_url: String,
    /// What to run.
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

/// A signal that was sent to this process.
#[derive(Clone, Copy)]
struct Sent {
    name: &'static str,
    number: u8,
}

// One thread: the command's parent-death signal follows the thread that started it.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("with-servers: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<u8> {
    let mut signals = signals()?;
    let wanted = Wanted {
        broker_url: arguments.broker_url,
        database_url: arguments.database_url,
        provision: arguments.provision,
    };
    let servers = tokio::select! {
        servers = Servers::ensure(&wanted) => servers?,
        Some(signal) = signals.recv() => return Ok(128 + signal.number),
    };
    let mut command = start(&arguments.command, &servers)?;
    loop {
        tokio::select! {
            status = command.wait() => {
                let status = status.context("cannot wait for the command")?;
                let code = status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(1);
                return Ok(u8::try_from(code).unwrap_or(1));
            }
            Some(signal) = signals.recv() => pass_on(signal, &command).await?,
        }
    }
}

fn start(command: &[String], servers: &Servers) -> Result<Child> {
    let mut process = Command::new("setpriv");
    process
        .args(["--pdeathsig", "TERM", "--"])
        .args(command)
        .env("DD_BROKER_URL", servers.broker_url())
        .env("DD_DATABASE_URL", servers.database_url());
    if has_own_group() {
        process.process_group(0);
    }
    process
        .spawn()
        .context("cannot run `setpriv`, which is part of util-linux")
}

/// At a terminal the command stays in the foreground group, which gets the terminal's signals directly. Elsewhere
/// it is a group of its own, so that a signal reaches all its processes.
fn has_own_group() -> bool {
    !std::io::stdin().is_terminal()
}

async fn pass_on(signal: Sent, command: &Child) -> Result<()> {
    let Some(id) = command.id() else {
        return Ok(());
    };
    let target = if has_own_group() {
        format!("-{id}")
    } else {
        id.to_string()
    };
    Command::new("sh")
        .args([
            "-c",
            "kill -s \"$1\" -- \"$2\" 2>/dev/null",
            "kill",
            signal.name,
            &target,
        ])
        .status()
        .await
        .context("cannot pass a signal on")?;
    Ok(())
}

/// The signals that ask this process to end, as they come.
fn signals() -> Result<mpsc::Receiver<Sent>> {
    let (sender, receiver) = mpsc::channel(8);
    let kinds = [
        (SignalKind::hangup(), "HUP", 1),
        (SignalKind::interrupt(), "INT", 2),
        (SignalKind::quit(), "QUIT", 3),
        (SignalKind::terminate(), "TERM", 15),
    ];
    for (kind, name, number) in kinds {
        let mut stream = signal(kind).context("cannot listen to signals")?;
        let sender = sender.clone();
        tokio::spawn(async move {
            while stream.recv().await.is_some() && sender.send(Sent { name, number }).await.is_ok()
            {
            }
        });
    }
    Ok(receiver)
}
