//! The documents generated from the types: one JSON Schema per message, and AsyncAPI.
//!
//! They are committed under `schemas/`; a test compares them with what the types say.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::names::{Names, Service};
use crate::{Channel, DirectoryChange, Event, Job, directory_change, event, headers, job};

/// File name and content of every generated document, in a stable order.
///
/// # Errors
/// If a document cannot be written as JSON or YAML, which would be a fault of a type.
pub fn documents() -> Result<Vec<(&'static str, String)>, Box<dyn std::error::Error>> {
    Ok(vec![
        ("event.schema.json", json_text(&schema::<Event>("Event"))?),
        ("job.schema.json", json_text(&schema::<Job>("Job"))?),
        (
            "directory-change.schema.json",
            json_text(&schema::<DirectoryChange>("DirectoryChange"))?,
        ),
        ("asyncapi.yaml", serde_norway::to_string(&asyncapi())?),
    ])
}

/// The JSON Schema (draft 2020-12) of a message.
#[must_use]
pub fn schema<T: JsonSchema>(title: &str) -> Value {
    let mut schema = SchemaGenerator::new(SchemaSettings::draft2020_12())
        .into_root_schema_for::<T>()
        .to_value();
    schema["title"] = json!(title);
    schema
}

fn json_text(value: &Value) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|text| text + "\n")
}

fn asyncapi() -> Value {
    let names = Names::default();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Dojo Notify",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What publishers send to Dojo Notify, and what its services send to each other. \
                `dojo` stands for the prefix of the installation (DD_BROKER_PREFIX)."
        },
        "defaultContentType": event::CONTENT_TYPE,
        "channels": {
            "events": exchange(&names.events(), "{event}",
                "Topic exchange for publishers. The routing key is the event's name, e.g. `scan_added`."),
            "jobs": exchange(&names.jobs(), "{channel}",
                "Topic exchange of deliveries. The routing key is the channel; `scheduled` for what is held back for a digest or quiet hours."),
            "directory": exchange(&names.directory(), "{kind}",
                "Topic exchange for publishers of changes of the directory. The routing key is the kind of object, e.g. `product`."),
            "upstream": exchange(&names.upstream(), "{kind}",
                "Topic exchange of what DefectDojo is to change because time made it so, e.g. an engagement that is closed automatically. The routing key is the kind of object."),
            "retry": exchange(&names.retry(), "{service}.{seconds}",
                "Topic exchange in front of the retry ladder: the message comes back to the service's queue after that many seconds."),
        },
        "operations": {
            "publishEvent": { "action": "send", "channel": { "$ref": "#/channels/events" },
                "summary": "Publish persistent, mandatory, with publisher confirms: then an event is either taken or you know that it is not." },
            "routeEvent": { "action": "receive", "channel": { "$ref": "#/channels/events" },
                "summary": format!("event-router reads the quorum queue `{}`.", names.queue(Service::EventRouter)) },
            "publishDirectoryChange": { "action": "send", "channel": { "$ref": "#/channels/directory" },
                "summary": "Publish persistent, mandatory, with publisher confirms; in any order, and again when in doubt." },
            "applyDirectoryChange": { "action": "receive", "channel": { "$ref": "#/channels/directory" },
                "summary": format!("directory-sync reads the quorum queue `{}`.", names.queue(Service::DirectorySync)) },
            "changeUpstream": { "action": "receive", "channel": { "$ref": "#/channels/upstream" },
                "summary": format!("DefectDojo's side reads the quorum queue `{}` and makes the change; making it again changes nothing.", names.upstream()) },
            "deliverJob": { "action": "receive", "channel": { "$ref": "#/channels/jobs" },
                "summary": Channel::ALL.map(|channel| {
                    let service = Service::of(channel);
                    format!("{service} reads `{}` (key `{channel}`)", names.queue(service))
                }).join("; ") },
            "holdJob": { "action": "receive", "channel": { "$ref": "#/channels/jobs" },
                "summary": format!("scheduler reads `{}` (key `{}`) and publishes what it kept, when it is due, under the channel's key.",
                    names.queue(Service::Scheduler), Names::SCHEDULED) },
        },
        "components": {
            "messages": {
                "event": message("Event", "A CloudEvents 1.0 message in structured mode; binary mode is read too.",
                    event::CONTENT_TYPE, "./event.schema.json"),
                "directoryChange": message("DirectoryChange", "One change of one object; the newest counts, by its `at`.",
                    directory_change::CONTENT_TYPE, "./directory-change.schema.json"),
                "job": message("Job", "One delivery over one channel.", job::CONTENT_TYPE, "./job.schema.json"),
            },
            "schemas": { "headers": headers_schema() },
        }
    })
}

fn exchange(name: &str, address: &str, description: &str) -> Value {
    let message = match name.rsplit('.').next() {
        Some("events") => "event",
        Some("directory" | "upstream") => "directoryChange",
        _ => "job",
    };
    json!({
        "address": address,
        "description": description,
        "messages": { message: { "$ref": format!("#/components/messages/{message}") } },
        "bindings": { "amqp": { "is": "routingKey", "exchange": {
            "name": name, "type": "topic", "durable": true, "autoDelete": false, "vhost": "/" } } }
    })
}

fn message(title: &str, summary: &str, content_type: &str, schema: &str) -> Value {
    json!({
        "title": title,
        "summary": summary,
        "contentType": content_type,
        "headers": { "$ref": "#/components/schemas/headers" },
        "payload": { "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": { "$ref": schema } }
    })
}

fn headers_schema() -> Value {
    json!({ "type": "object", "properties": {
        headers::ATTEMPT: { "type": "integer", "minimum": 1,
            "description": "Which attempt a job is at; absent on the first." },
        headers::FIRST_PUBLISHED: { "type": "integer",
            "description": "When the message was first published, in milliseconds since 1970." },
        headers::REASON: { "type": "string", "enum": crate::Reason::ALL.iter().map(|r| r.as_str()).collect::<Vec<_>>(),
            "description": "Why the last attempt failed." },
        headers::TRACEPARENT: { "type": "string", "description": "W3C trace context." },
    }})
}
