//! What a person reads of a message.

use mail_parser::MessageParser;
use notifyctl::stage::receivers::Received;
use proto_events::Channel;
use serde_json::Value;

/// What a person reads, part by part; a webhook's body is for programs, and stays as it came.
#[must_use]
pub fn read(message: &Received) -> Vec<(&'static str, String)> {
    let json = message.json();
    match message.channel {
        Channel::Mail => mail(&message.body),
        Channel::Slack => {
            let notification = json["text"].as_str().unwrap_or_default();
            vec![
                ("Slack's notification", unescaped(notification)),
                ("Slack's blocks", blocks(&json["blocks"])),
            ]
        }
        Channel::Msteams => vec![("Teams' card", texts(&json["attachments"]))],
        Channel::Webhooks => vec![("the webhook's body", message.body.clone())],
        Channel::Alert => Vec::new(),
    }
}

/// Slack resolves references in text objects, not in rich text.
fn blocks(blocks: &Value) -> String {
    let shown = blocks
        .as_array()
        .unwrap()
        .iter()
        .map(|block| match block["type"] == "rich_text" {
            true => texts(block),
            false => unescaped(&texts(block)),
        });
    shown.collect::<Vec<_>>().join("\n")
}

fn mail(mail: &str) -> Vec<(&'static str, String)> {
    let mail = MessageParser::default().parse(mail.as_bytes()).unwrap();
    let part =
        |part: Option<std::borrow::Cow<'_, str>>| part.unwrap_or_default().replace("\r\n", "\n");
    vec![
        (
            "the mail's subject",
            mail.subject().unwrap_or_default().to_owned(),
        ),
        ("the mail's text", part(mail.body_text(0))),
        ("the mail's page", html(&part(mail.body_html(0)))),
    ]
}

/// The text of an HTML page: its tags taken out, then its references resolved.
fn html(page: &str) -> String {
    let body = page.split_once("<body").unwrap().1.replace("<br>", "\n");
    let pieces = body
        .split('<')
        .map(|piece| piece.split_once('>').map_or("", |(_, after)| after));
    let text = pieces.collect::<String>();
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

/// Every member `text` that is text, in the order of the value, joined.
#[must_use]
pub fn texts(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let own = members
                .get("text")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let inner = members
                .values()
                .filter(|inner| !inner.is_string())
                .map(texts);
            std::iter::once(own.to_owned()).chain(inner).collect()
        }
        Value::Array(values) => values.iter().map(texts).collect(),
        _ => String::new(),
    }
}
