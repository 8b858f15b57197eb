//! `notifyctl topology`.

use chassis::broker::{Session, Topology};
use chassis::config::BrokerConfig;

/// Creates what is missing.
///
/// # Errors
/// If the broker refuses, e.g. because a queue is there with other arguments.
pub async fn apply(broker: &BrokerConfig) -> anyhow::Result<()> {
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
pub async fn check(broker: &BrokerConfig) -> anyhow::Result<()> {
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
pub async fn remove(broker: &BrokerConfig) -> anyhow::Result<()> {
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
