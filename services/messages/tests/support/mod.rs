//! What the tests share: the recorded events, and one message in every channel.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use messages::{AlertText, Context, Mail, Message, Sensitivity, Templates};
use proto_events::directory::{Settings, User};
use proto_events::{Channel, Event};
use serde_json::{Value, json};

pub(crate) const SITE: &str = "https://dojo.example";
pub(crate) const DISCLAIMER: &str = "Only for <Hafenwerk> & friends.";

/// The events that a running DefectDojo sent.
pub(crate) fn recorded() -> Vec<Event> {
    let lines = include_str!("../../../../tests/fixtures/events.jsonl").lines();
    lines
        .map(|line| Event::parse(line.as_bytes()).unwrap())
        .collect()
}

/// The first recorded event of a name.
pub(crate) fn first(name: &str) -> Event {
    recorded()
        .into_iter()
        .find(|event| event.name.as_str() == name)
        .unwrap()
}

/// An event with this data.
pub(crate) fn event(name: &str, data: &Value) -> Event {
    let body = json!({
        "specversion": "1.0",
        "id": "1",
        "source": "test",
        "type": name,
        "time": "2026-11-22T02:00:00Z",
        "data": data,
    });
    Event::parse(body.to_string().as_bytes()).unwrap()
}

pub(crate) fn settings() -> Settings {
    Settings {
        team_name: "Hafenwerk".to_owned(),
        disclaimer_notifications: DISCLAIMER.to_owned(),
        ..Settings::default()
    }
}

pub(crate) fn context(settings: &Settings) -> Context<'_> {
    Context {
        channel: Channel::Mail,
        site_url: SITE,
        notify_url: SITE,
        settings,
        redacted: false,
        sensitivity: Sensitivity::Full,
        personal: true,
    }
}

pub(crate) fn owner() -> User {
    User {
        id: 7,
        username: "ana".to_owned(),
        first_name: "Ana".to_owned(),
        last_name: "Lund".to_owned(),
        email: "ana@example.com".to_owned(),
        active: true,
        ..User::default()
    }
}

/// A message in every channel.
pub(crate) struct Everywhere {
    pub(crate) message: Message,
    pub(crate) alert: AlertText,
    pub(crate) mail: Mail,
    pub(crate) slack: Value,
    pub(crate) teams: Value,
    pub(crate) connector: Value,
    pub(crate) webhook: Value,
}

impl Everywhere {
    pub(crate) fn of(event: &Event, context: &Context<'_>) -> Self {
        let templates = Templates::built_in().unwrap();
        let message = Message::compose(&templates, event, context).unwrap();
        Self::laid_out(message, event, context)
    }

    /// A message that was composed already.
    pub(crate) fn laid_out(message: Message, event: &Event, context: &Context<'_>) -> Self {
        let templates = Templates::built_in().unwrap();
        Self {
            alert: messages::alert(&message),
            mail: messages::mail(&templates, &message).unwrap(),
            slack: messages::slack(&message),
            teams: messages::teams(&message),
            connector: messages::connector(&message),
            webhook: messages::webhook(event, &message, context, Some(&owner())),
            message,
        }
    }

    /// What a person reads, by channel. Webhooks are not for people.
    pub(crate) fn read(&self) -> [(&'static str, String); 6] {
        [
            (
                "alert",
                format!("{}\n{}", self.alert.title, self.alert.description),
            ),
            ("mail text", self.mail.text.clone()),
            ("mail html", html_text(&self.mail.html)),
            ("slack", slack_text(&self.slack)),
            ("teams", joined(&self.teams, "text")),
            ("connector", connector_text(&self.connector)),
        ]
    }

    /// Everything that goes out, as sent.
    pub(crate) fn sent(&self) -> [(&'static str, String); 7] {
        let alert = format!("{:?}", self.alert);
        [
            ("alert", alert),
            ("mail subject", self.mail.subject.clone()),
            ("mail", format!("{}\n{}", self.mail.text, self.mail.html)),
            ("slack", self.slack.to_string()),
            ("teams", self.teams.to_string()),
            ("connector", self.connector.to_string()),
            ("webhooks", self.webhook.to_string()),
        ]
    }
}

/// The message of an event with the settings of [`settings`], to a person.
pub(crate) fn everywhere(event: &Event) -> Everywhere {
    let settings = settings();
    Everywhere::of(event, &context(&settings))
}

pub(crate) fn redacted(event: &Event) -> Everywhere {
    let settings = settings();
    Everywhere::of(
        event,
        &Context {
            redacted: true,
            ..context(&settings)
        },
    )
}

/// The texts of the blocks, as Slack shows them.
pub(crate) fn slack_text(slack: &Value) -> String {
    unescaped(&joined(&slack["blocks"], "text"))
}

/// What an old connector's card shows: HTML, tags taken out and references resolved.
fn connector_text(card: &Value) -> String {
    let members = ["activityTitle", "activitySubtitle", "text", "value"];
    let shown = members.map(|member| joined(&card["sections"], member));
    html_text(&format!("<body>{}", shown.join("<br>")))
}

/// The members of a name that are text, in the order of the value, joined.
pub(crate) fn joined(value: &Value, member: &str) -> String {
    let mut found = String::new();
    collect(value, member, &mut found);
    found
}

fn collect(value: &Value, member: &str, found: &mut String) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(text)) = members.get(member) {
                found.push_str(text);
            }
            for inner in members.values() {
                collect(inner, member, found);
            }
            if matches!(
                members.get("type").and_then(Value::as_str),
                Some("RichTextBlock" | "header")
            ) {
                found.push('\n');
            }
        }
        Value::Array(values) => values
            .iter()
            .for_each(|inner| collect(inner, member, found)),
        _ => {}
    }
}

/// The text of an HTML page: its tags taken out, then its references resolved.
pub(crate) fn html_text(html: &str) -> String {
    let body = html.split_once("<body").unwrap().1.replace("<br>", "\n");
    let mut text = String::new();
    for piece in body.split('<') {
        text.push_str(piece.split_once('>').map_or("", |(_, after)| after));
    }
    let text = text
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#x2f;", "/");
    unescaped(&text)
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
