//! What a message is looked at with: a channel, and an event that came, or one with everything.

use chrono::{DateTime, TimeDelta, Utc};
use messages::templates::FALLBACK;
use messages::{SAMPLE, Templates};

use proto_events::event_name::TYPE_PREFIX;
use proto_events::{Channel, EventName};
use serde_json::{Value, json};
use store::Window;
use store::browse::EventFilter;

use crate::app::App;
use crate::pages::component::quoted;
use crate::pages::form::Form;
use crate::refusal::Refusal;
use crate::rest::query::Query;

/// How far back events are looked for; the nearer first, since that is the cheaper look.
const BACK: [TimeDelta; 2] = [TimeDelta::days(1), TimeDelta::days(14)];

/// How many events there are to choose from.
const NEWEST: Window = Window {
    limit: 10,
    offset: 0,
};

/// The HTML part of a mail, and its text part.
const MAIL: [(&str, &str); 2] = [
    ("mail", "mail, as HTML"),
    ("mail_text", "mail, as plain text"),
];

/// A channel and an event, as a form names them.
#[derive(Clone, Debug, Default)]
pub(super) struct Chosen {
    /// A channel, or `mail_text`.
    pub(super) shown: String,
    /// Source and id of an event as JSON; empty: one with everything.
    pub(super) event: String,
}

impl Chosen {
    /// What was sent.
    pub(super) fn sent(form: &Form) -> Self {
        Self {
            shown: form.text("shown").to_owned(),
            event: form.text("event").to_owned(),
        }
    }

    /// What was asked for.
    pub(super) fn asked(query: &Query) -> Self {
        Self {
            shown: query.text("shown").to_owned(),
            event: query.text("event").to_owned(),
        }
    }

    /// How messages of a template can be shown, each with its words.
    pub(super) fn ways(file: &str) -> Vec<(&'static str, &'static str)> {
        let all = |channel: Channel| match channel {
            Channel::Mail => MAIL.to_vec(),
            Channel::Webhooks => vec![("webhooks", "webhook, as its JSON body")],
            Channel::Slack => vec![("slack", "Slack, as its JSON blocks")],
            Channel::Msteams => vec![("msteams", "Teams, as its JSON card")],
            Channel::Alert => vec![("alert", "alert")],
        };
        match Templates::only_for(file) {
            Some(channel) => all(channel),
            None => Channel::ALL.into_iter().flat_map(all).collect(),
        }
    }

    /// The way that is chosen, or the first there is.
    pub(super) fn way(&self, file: &str) -> &'static str {
        let ways = Self::ways(file);
        let chosen = ways.iter().find(|(way, _)| *way == self.shown);
        // Mail shows most of a template.
        let mail = || ways.iter().find(|(way, _)| *way == "mail");
        chosen
            .or_else(mail)
            .or(ways.first())
            .map_or("mail", |(way, _)| way)
    }

    /// The channel of that way.
    pub(super) fn channel(&self, file: &str) -> Channel {
        let way = self.way(file);
        way.parse().unwrap_or(Channel::Mail)
    }

    /// The address of a page that looks with it.
    pub(super) fn address(&self, page: &str, file: &str) -> String {
        format!(
            "{page}?file={}&shown={}&event={}",
            quoted(file),
            self.way(file),
            quoted(&self.event)
        )
    }

    /// The event (CloudEvents JSON), as one that the template is for: a template for all other events
    /// is looked at with whatever came.
    pub(super) async fn event(&self, app: &App, file: &str) -> Result<Value, Refusal> {
        let body = self.body(app).await?;
        let body = body.as_deref().unwrap_or(SAMPLE);
        let mut event: Value = serde_json::from_str(body)
            .map_err(|_| Refusal::field("event", "What came of this event cannot be read."))?;
        let wanted = Templates::event_of(file);
        if let (Some(name), Value::Object(members)) = (wanted, &mut event) {
            let kind = json!(format!("{TYPE_PREFIX}{name}"));
            members.insert("type".to_owned(), kind);
        }
        Ok(event)
    }

    async fn body(&self, app: &App) -> Result<Option<String>, Refusal> {
        let Ok((source, id)) = serde_json::from_str::<(String, String)>(&self.event) else {
            return Ok(None);
        };
        let filter = EventFilter {
            source: Some(source),
            id: Some(id),
            ..EventFilter::default()
        };
        let found = app.store.events_page(&filter, Window::ONE).await?.first();
        Ok(Some(found.ok_or(Refusal::NotFound("event"))?.body))
    }
}

/// An event that came: what names it in a form, its title, and when it came.
pub(super) type Came = (String, String, DateTime<Utc>);

/// The newest events that a template is for.
pub(super) async fn newest(app: &App, file: &str) -> Result<Vec<Came>, Refusal> {
    let name = Templates::event_of(file).filter(|name| name.as_str() != FALLBACK);
    for back in BACK {
        let filter = EventFilter {
            name: name
                .as_ref()
                .map(|name: &EventName| name.as_str().to_owned()),
            since: Some(Utc::now() - back),
            ..EventFilter::default()
        };
        let found = app.store.events_page(&filter, NEWEST).await?.rows;
        if !found.is_empty() {
            let came = found.into_iter().map(|event| {
                let body: Value = serde_json::from_str(&event.body).unwrap_or_default();
                let title = body.pointer("/data/title").and_then(Value::as_str);
                let title: String = title.unwrap_or(&event.name).chars().take(80).collect();
                (
                    json!([event.source, event.id]).to_string(),
                    title,
                    event.decided_at,
                )
            });
            return Ok(came.collect());
        }
    }
    Ok(Vec::new())
}
