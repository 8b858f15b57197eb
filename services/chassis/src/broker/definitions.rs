//! The topology and everybody's rights as RabbitMQ's own definitions: what
//! `rabbitmqctl import_definitions` reads, and what the manifests are made of.

use lapin::types::AMQPValue;
use proto_events::Names;
use serde_json::{Map, Value, json};

use super::rights::{NOTHING, User};
use super::topology::{QueuePlan, Topology};

impl Topology {
    /// Exchanges, queues, bindings, permissions and topic permissions in a virtual host.
    /// Users are none of it, since they have passwords.
    #[must_use]
    pub fn definitions(&self, vhost: &str) -> Value {
        let exchanges: Vec<Value> = self
            .names
            .exchanges()
            .iter()
            .map(|name| exchange(name, vhost))
            .collect();
        let queues: Vec<Value> = self.queues.iter().map(|plan| queue(plan, vhost)).collect();
        let bindings: Vec<Value> = self
            .queues
            .iter()
            .flat_map(|plan| bindings(plan, vhost))
            .collect();
        let (permissions, topics): (Vec<Value>, Vec<Vec<Value>>) = User::all()
            .map(|user| permissions(user, &self.names, vhost))
            .unzip();
        json!({
            "vhosts": [{"name": vhost}],
            "permissions": permissions,
            "topic_permissions": topics.concat(),
            "exchanges": exchanges,
            "queues": queues,
            "bindings": bindings,
        })
    }
}

fn exchange(name: &str, vhost: &str) -> Value {
    json!({
        "name": name, "vhost": vhost, "type": "topic", "durable": true, "auto_delete": false,
        "internal": false, "arguments": {},
    })
}

fn queue(plan: &QueuePlan, vhost: &str) -> Value {
    let arguments: Map<String, Value> = plan
        .arguments
        .inner()
        .iter()
        .map(|(name, value)| (name.to_string(), argument(value)))
        .collect();
    json!({
        "name": plan.name, "vhost": vhost, "durable": true, "auto_delete": false,
        "arguments": arguments,
    })
}

/// The two kinds of argument that a plan has.
fn argument(value: &AMQPValue) -> Value {
    match value {
        AMQPValue::LongLongInt(number) => json!(number),
        AMQPValue::LongString(text) => json!(text.to_string()),
        _ => Value::Null,
    }
}

fn bindings<'a>(plan: &'a QueuePlan, vhost: &'a str) -> impl Iterator<Item = Value> + use<'a> {
    plan.bindings.iter().map(move |(exchange, key)| {
        json!({
            "source": exchange, "vhost": vhost, "destination": plan.name,
            "destination_type": "queue", "routing_key": key, "arguments": {},
        })
    })
}

/// A user's permission, and the topic permission for each exchange that it writes: without
/// one, every routing key would be allowed.
fn permissions(user: User, names: &Names, vhost: &str) -> (Value, Vec<Value>) {
    let rights = user.rights(names);
    let permission = json!({
        "user": user.as_str(), "vhost": vhost,
        "configure": NOTHING, "write": rights.write(), "read": rights.read(),
    });
    let topics = rights.writes.iter().map(|write| {
        json!({
            "user": user.as_str(), "vhost": vhost, "exchange": write.exchange,
            "write": write.keys, "read": NOTHING,
        })
    });
    (permission, topics.collect())
}
