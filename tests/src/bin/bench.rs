//! Measures on the real broker and database, and prints our figures beside their limits.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use notifyctl::stage::Servers;
use secrecy::ExposeSecret as _;
use system_tests::bench::pass_through::PassThrough;
use system_tests::bench::{
    alerts, directory, directory_sync, isolation, latency, ledger, memory, router, scheduler,
    senders,
};

/// Measures on the broker of DD_BROKER_URL and the database server of DD_DATABASE_URL. Without a
/// command everything is measured. A missed goal is printed; it is no error.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    servers: Servers,
    #[command(subcommand)]
    measure: Option<Measure>,
}

#[derive(Debug, Subcommand)]
enum Measure {
    /// Events a second through the router, beside raw pass-through
    Router,
    /// Alert rows a second from the event on, beside plain inserts
    Alerts,
    /// Resident memory of each service at rest
    Memory,
    /// Deliveries a second of each sender, beside bare clients at the same receiver
    Senders,
    /// What an endpoint that hangs, trickles or has a queue does to the others' latency
    Isolation,
    /// From publishing an event to its arrival at an endpoint, beside the disk's flush
    Latency,
    /// Claims and finishes a second, beside plain inserts
    Ledger,
    /// Changes of the directory a second, beside plain inserts
    DirectorySync,
    /// Load, memory, changes and decisions a second of a large organisation's directory
    Directory,
    /// Time and memory of the SLA job over 100,000 open findings
    Scheduler,
    /// What the router is compared with; started by the measurement
    #[command(hide = true)]
    PassThrough(PassThrough),
}

#[tokio::main]
async fn main() -> ExitCode {
    chassis::start::install_tls_provider();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(Arguments { servers, measure }: Arguments) -> Result<()> {
    match measure {
        Some(Measure::Router) => print(&router::run(&servers).await?),
        Some(Measure::Alerts) => print(&alerts::run(&servers).await?),
        Some(Measure::Memory) => print(&memory::run(&servers).await?),
        Some(Measure::Senders) => print(&senders::run(&servers).await?),
        Some(Measure::Isolation) => print(&isolation::run(&servers).await?),
        Some(Measure::Latency) => print(&latency::run(&servers).await?),
        Some(Measure::Ledger) => print(&ledger::run(&servers).await?),
        Some(Measure::DirectorySync) => print(&directory_sync::run(&servers).await?),
        Some(Measure::Directory) => print(&directory::run(&servers).await?),
        Some(Measure::Scheduler) => print(&scheduler::run(&servers).await?),
        Some(Measure::PassThrough(pass_through)) => {
            pass_through.run(servers.broker_url.expose_secret()).await?;
        }
        None => {
            print(&router::run(&servers).await?);
            print(&alerts::run(&servers).await?);
            print(&senders::run(&servers).await?);
            print(&isolation::run(&servers).await?);
            print(&latency::run(&servers).await?);
            print(&ledger::run(&servers).await?);
            print(&directory_sync::run(&servers).await?);
            print(&directory::run(&servers).await?);
            print(&scheduler::run(&servers).await?);
            print(&memory::run(&servers).await?);
        }
    }
    Ok(())
}

fn print(table: &str) {
    println!("\n{table}");
}
