//! `notifyctl topology manifests`: the definitions as custom resources of RabbitMQ's messaging
//! topology operator, one for each.

use anyhow::Context;
use serde_json::{Map, Value, json};

/// The custom resources as YAML documents. `cluster` is the `RabbitmqCluster` they belong to.
///
/// # Errors
/// If a definition has no name, which would be a fault of this program.
pub(super) fn yaml(
    definitions: &Value,
    users: &[&str],
    vhost: &str,
    cluster: &str,
) -> anyhow::Result<String> {
    let kinds: [(&str, Convert); 5] = [
        ("exchanges", exchange),
        ("queues", queue),
        ("bindings", binding),
        ("permissions", permission),
        ("topic_permissions", topic_permission),
    ];
    let mut documents = vec![resource(
        "Vhost",
        vhost,
        &json!({"name": vhost, "deletionPolicy": "retain"}),
    )];
    documents.extend(users.iter().map(|user| {
        let secret = json!({"importCredentialsSecret": {"name": user}});
        resource("User", user, &secret)
    }));
    for (kind, convert) in kinds {
        let all = definitions[kind].as_array().into_iter().flatten();
        for definition in all {
            documents.push(convert(definition).with_context(|| format!("a bad one of {kind}"))?);
        }
    }
    let mut text = String::new();
    for mut document in documents {
        document["spec"]["rabbitmqClusterReference"] = json!({"name": cluster});
        text += "---\n";
        text += &serde_norway::to_string(&document)?;
    }
    Ok(text)
}

type Convert = fn(&Value) -> Option<Value>;

fn resource(kind: &str, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "rabbitmq.com/v1beta1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": spec,
    })
}

fn exchange(it: &Value) -> Option<Value> {
    let spec = taken(it, &["name", "vhost", "type", "durable"]);
    Some(resource("Exchange", it["name"].as_str()?, &spec))
}

/// The queue type has a field of its own. A queue's manifest may go; its messages must not.
fn queue(it: &Value) -> Option<Value> {
    let mut arguments = it["arguments"].as_object()?.clone();
    let kind = arguments.remove("x-queue-type")?;
    let mut spec = taken(it, &["name", "vhost", "durable"]);
    spec["type"] = kind;
    spec["deletionPolicy"] = json!("retain");
    if !arguments.is_empty() {
        spec["arguments"] = Value::Object(arguments);
    }
    Some(resource("Queue", it["name"].as_str()?, &spec))
}

fn binding(it: &Value) -> Option<Value> {
    let (queue, exchange) = (it["destination"].as_str()?, it["source"].as_str()?);
    let mut spec = taken(it, &["vhost", "source", "destination"]);
    spec["destinationType"] = it["destination_type"].clone();
    spec["routingKey"] = it["routing_key"].clone();
    let name = format!("{queue}.from.{}", last(exchange));
    Some(resource("Binding", &name, &spec))
}

fn permission(it: &Value) -> Option<Value> {
    let user = it["user"].as_str()?;
    let spec = json!({
        "vhost": it["vhost"],
        "userReference": {"name": user},
        "permissions": taken(it, &["configure", "write", "read"]),
    });
    Some(resource("Permission", user, &spec))
}

fn topic_permission(it: &Value) -> Option<Value> {
    let (user, exchange) = (it["user"].as_str()?, it["exchange"].as_str()?);
    let spec = json!({
        "vhost": it["vhost"],
        "userReference": {"name": user},
        "permissions": taken(it, &["exchange", "write", "read"]),
    });
    let name = format!("{user}.{}", last(exchange));
    Some(resource("TopicPermission", &name, &spec))
}

/// The members of a definition that the resource has under the same names.
fn taken(it: &Value, members: &[&str]) -> Value {
    let members = members
        .iter()
        .map(|name| ((*name).to_owned(), it[*name].clone()));
    Value::Object(members.collect::<Map<_, _>>())
}

/// What comes after the prefix.
fn last(exchange: &str) -> &str {
    exchange.rsplit('.').next().unwrap_or(exchange)
}
