//! `notifyctl topology`.

mod diff;
mod management;
mod manifests;

pub(crate) use self::diff::in_words as differences;
use chassis::broker::{Session, Topology, User};
use chassis::config::BrokerConfig;
use chassis::ladder::Ladder;
use clap::{Args, Subcommand};
use proto_events::Names;

/// What can be done with exchanges, queues and rights.
#[derive(Debug, Subcommand)]
pub enum TopologyCommand {
    /// Create what is missing
    Apply(BrokerConfig),
    /// Check that everything is there
    Check(BrokerConfig),
    /// Show what is missing, what is there with other arguments, and what is there besides
    #[command(
        after_help = "Needs RabbitMQ's management API, and a user with the tag monitoring. Without it only what is missing is seen.\n\n\
        Exit code 1 if something differs.\n\n\
        Example:\n  DD_BROKER_MANAGEMENT_URL=http://user:password@rabbitmq:15672 notifyctl topology diff"
    )]
    Diff(diff::DiffArgs),
    /// Remove everything, waiting messages too
    Remove(BrokerConfig),
    /// Print exchanges, queues, bindings and every user's rights, for RabbitMQ to import
    #[command(
        after_help = "Users are not among them, since they have passwords: make them first, with these names.\n\n\
        Example:\n  notifyctl topology definitions > definitions.json && rabbitmqctl import_definitions definitions.json"
    )]
    Definitions(Plan),
    /// Print the same, and the users, as custom resources of RabbitMQ's topology operator for Kubernetes
    #[command(
        after_help = "A user's name and password are in the Secret of the same name (members username and password)."
    )]
    Manifests {
        /// What to print
        #[command(flatten)]
        plan: Plan,
        /// Name of the RabbitmqCluster
        #[arg(long, default_value = "dojo-notify-broker")]
        cluster: String,
    },
}

/// A topology that is printed, and not made.
#[derive(Debug, Args)]
pub struct Plan {
    /// Prefix of every exchange and queue
    #[arg(long, env = "DD_BROKER_PREFIX", default_value = "dojo")]
    broker_prefix: Names,
    /// Delays of the retry ladder (seconds, ascending, separated by commas)
    #[arg(long, env = "DD_RETRY_LADDER", default_value_t)]
    retry_ladder: Ladder,
    /// Virtual host
    #[arg(long, default_value = "dojo-notify")]
    vhost: String,
}

impl Plan {
    fn definitions(&self) -> serde_json::Value {
        Topology::new(&self.broker_prefix, &self.retry_ladder).definitions(&self.vhost)
    }
}

/// Runs the command.
///
/// # Errors
/// As each of them.
pub async fn run(command: TopologyCommand) -> anyhow::Result<()> {
    match command {
        TopologyCommand::Apply(broker) => apply(&broker).await,
        TopologyCommand::Check(broker) => check(&broker).await,
        TopologyCommand::Diff(args) => diff::run(&args).await,
        TopologyCommand::Remove(broker) => remove(&broker).await,
        TopologyCommand::Definitions(plan) => {
            println!("{:#}", plan.definitions());
            Ok(())
        }
        TopologyCommand::Manifests { plan, cluster } => {
            let users: Vec<&str> = User::all().map(User::as_str).collect();
            let definitions = plan.definitions();
            print!(
                "{}",
                manifests::yaml(&definitions, &users, &plan.vhost, &cluster)?
            );
            Ok(())
        }
    }
}

/// Creates what is missing.
///
/// # Errors
/// If the broker refuses, e.g. because a queue is there with other arguments.
async fn apply(broker: &BrokerConfig) -> anyhow::Result<()> {
    let (topology, session) = open(broker).await?;
    topology.apply(&session).await?;
    println!(
        "{} queues under the prefix {} are there.",
        topology.queues().count(),
        broker.broker_prefix
    );
    session.close().await;
    Ok(())
}

/// Checks that everything is there.
///
/// # Errors
/// Naming what is missing.
async fn check(broker: &BrokerConfig) -> anyhow::Result<()> {
    let (topology, session) = open(broker).await?;
    topology.check(&session).await?;
    println!(
        "Nothing is missing under the prefix {}.",
        broker.broker_prefix
    );
    session.close().await;
    Ok(())
}

/// Removes everything.
///
/// # Errors
/// If the broker refuses.
async fn remove(broker: &BrokerConfig) -> anyhow::Result<()> {
    let (topology, session) = open(broker).await?;
    topology.remove(&session).await?;
    println!(
        "Everything under the prefix {} is removed.",
        broker.broker_prefix
    );
    session.close().await;
    Ok(())
}

async fn open(broker: &BrokerConfig) -> anyhow::Result<(Topology, Session)> {
    let topology = Topology::new(&broker.broker_prefix, &broker.retry_ladder);
    Ok((topology, Session::open(broker, "notifyctl").await?))
}
