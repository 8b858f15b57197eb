//! The broker: connection, exchanges and queues, their arguments.

use chassis::broker::{Session, Topology};
use chassis::config::BrokerConfig;
use url::Url;

use super::faults::{BROKER, judge};
use super::verdict::{Finding, Verdict};
use crate::topology;

const VARIABLE: &str = "DD_BROKER_URL";

pub(super) async fn check(broker: &BrokerConfig, api: Option<&Url>) -> Vec<Finding> {
    let address = broker.broker_url.to_string();
    let session = match Session::open(broker, "notifyctl doctor").await {
        Ok(session) => session,
        Err(error) => return vec![judge(BROKER, &error.to_string(), VARIABLE).of("broker")],
    };
    let wanted = Topology::new(&broker.broker_prefix, &broker.retry_ladder);
    let there = wanted.check(&session).await;
    session.close().await;
    let queues = match there {
        Ok(()) => Verdict::well(format!(
            "nothing is missing under the prefix {}",
            broker.broker_prefix
        )),
        Err(error) => judge(BROKER, &error.to_string(), VARIABLE),
    };
    vec![
        Verdict::well(address).of("broker"),
        queues.of("exchanges and queues"),
        arguments(broker, api).await.of("arguments and bindings"),
    ]
}

async fn arguments(broker: &BrokerConfig, api: Option<&Url>) -> Verdict {
    let Some(api) = api else {
        return Verdict::skipped("DD_BROKER_MANAGEMENT_URL is not set");
    };
    match topology::differences(broker, api).await {
        Ok(differences) => match differences.first() {
            None => Verdict::well("as they should be"),
            Some(first) => Verdict::wrong(
                format!("{} differences; the first: {first}", differences.len()),
                "notifyctl topology diff shows all; empty and delete what has other arguments, then notifyctl topology apply",
            ),
        },
        Err(error) => judge(&[], &format!("{error:#}"), "DD_BROKER_MANAGEMENT_URL"),
    }
}
