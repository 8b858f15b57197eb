//! Bodies say what a running DefectDojo's bodies say, value for value. The recordings of its
//! outputs are not part of the project: `DOJO_RECORDED` names their folder, where there is one.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use messages::{Context, Message, Templates};
use proto_events::Event;
use proto_events::directory::{Settings, User};
use serde_json::{Value, json};
use support::{context, recorded};

/// Where recorded addresses lead to.
const RECORDED_SITE: &str = "http://localhost:8080";

/// Words of our own: what DefectDojo's template makes of the event.
const OURS: &str = "description";

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn people(folder: &Path) -> HashMap<String, User> {
    let states = lines(&folder.join("states.jsonl"));
    let users = states
        .iter()
        .flat_map(|state| state["users"].as_array().unwrap());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let user = |value: &Value| User {
        id: value["id"].as_i64().unwrap(),
        username: text(&value["username"]),
        first_name: text(&value["first_name"]),
        last_name: text(&value["last_name"]),
        email: text(&value["email"]),
        active: true,
        ..User::default()
    };
    users
        .map(|value| (text(&value["username"]), user(value)))
        .collect()
}

fn ours(event: &Event, owner: Option<&User>) -> Value {
    let settings = Settings::default();
    let context = Context {
        site_url: RECORDED_SITE,
        ..context(&settings)
    };
    let templates = Templates::built_in().unwrap();
    let message = Message::compose(&templates, event, &context).unwrap();
    messages::webhook(event, &message, &context, owner)
}

/// DefectDojo puts the site before an address that names it already.
fn without_doubled_site(value: &Value) -> Value {
    let text = value.to_string();
    let doubled = format!("{RECORDED_SITE}{RECORDED_SITE}");
    serde_json::from_str(&text.replace(&doubled, RECORDED_SITE)).unwrap()
}

/// Finding lists in one order: ours begin with the worst.
fn in_one_order(value: &Value) -> Value {
    match value {
        Value::Array(values) => {
            let mut values: Vec<Value> = values.iter().map(in_one_order).collect();
            values.sort_by_key(|value| value["id"].as_i64());
            json!(values)
        }
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), in_one_order(value)))
            .collect(),
        other => other.clone(),
    }
}

#[test]
fn every_recorded_member_has_its_value_in_our_body() {
    let Some(folder) = std::env::var_os("DOJO_RECORDED").map(PathBuf::from) else {
        eprintln!("skipped: DOJO_RECORDED names no folder of recorded outputs");
        return;
    };
    let people = people(&folder);
    let events: HashMap<String, Event> = recorded()
        .into_iter()
        .map(|event| (event.id.clone(), event))
        .collect();
    let mut compared = 0;
    let mut different = Vec::new();
    for output in lines(&folder.join("outputs.jsonl")) {
        let Some(theirs) = output["request"]["json"].as_object() else {
            continue;
        };
        if output["channel"] != "webhooks" {
            continue;
        }
        let event = &events[output["event_id"].as_str().unwrap()];
        let owner = output["user"].as_str().map(|name| &people[name]);
        let body = ours(event, owner);
        for (member, value) in theirs {
            if member == OURS {
                assert!(body[member].is_string(), "{}: {body}", event.id);
                continue;
            }
            compared += 1;
            let (theirs, ours) = (
                in_one_order(&without_doubled_site(value)),
                in_one_order(&body[member]),
            );
            if theirs != ours {
                different.push(format!(
                    "{} {} {member}:\n  theirs {theirs}\n  ours   {ours}",
                    event.name.as_str(),
                    event.id
                ));
            }
        }
    }
    assert!(compared > 0, "no recorded bodies in {}", folder.display());
    assert!(
        different.is_empty(),
        "{} of {compared} members differ:\n{}",
        different.len(),
        different.join("\n")
    );
}
