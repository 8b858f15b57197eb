//! The form for what a person writes of an endpoint.

use maud::{Markup, html};
use serde_json::Value;
use store::Window;
use store::browse::PeopleFilter;

use crate::app::App;
use crate::pages::component::complaints;
use crate::pages::form::{Form, Kind, VERSION};
use crate::pages::visitor::Visitor;
use crate::refusal::{Errors, Refusal};
use crate::rest::content::Fields;
use crate::rest::notification_webhooks::Webhook;

/// How many people are suggested as owners; others are written.
const SUGGESTED: u32 = 50;

/// What stands in the form.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    name: String,
    url: String,
    header_name: String,
    has_header_value: bool,
    owner: String,
    /// Which version of the endpoint whoever writes has before them; empty for a new one.
    version: String,
}

impl Written {
    /// What is stored.
    pub(super) fn stored(webhook: &Webhook) -> Self {
        Self {
            name: webhook.name.clone(),
            url: webhook.url.clone(),
            header_name: webhook.header_name.clone().unwrap_or_default(),
            has_header_value: webhook.header_value.is_set(),
            owner: webhook.owner_name.clone().unwrap_or_default(),
            version: webhook.version.clone(),
        }
    }

    /// What was sent, without the secret, for an endpoint that is there or a new one.
    pub(super) fn sent(form: &Form, webhook: Option<&Webhook>) -> Self {
        let text = |name| form.text(name).to_owned();
        Self {
            name: text("name"),
            url: text("url"),
            header_name: text("header_name"),
            has_header_value: webhook.is_some_and(|webhook| webhook.header_value.is_set()),
            owner: text("owner"),
            version: webhook
                .map(|webhook| webhook.version.clone())
                .unwrap_or_default(),
        }
    }
}

/// The fields of the resource. Only superusers choose an owner.
pub(super) async fn fields(app: &App, visitor: &Visitor, form: &Form) -> Result<Fields, Refusal> {
    let mut fields = form.fields(&[
        ("header_name", Kind::Optional),
        ("header_value", Kind::Secret),
    ]);
    for name in ["name", "url"] {
        let text = form.text(name).trim().to_owned();
        fields.0.insert(name.to_owned(), Value::String(text));
    }
    if visitor.caller.superuser {
        let owner = owner(app, form.text("owner").trim()).await?;
        fields
            .0
            .insert("owner".to_owned(), owner.map_or(Value::Null, Value::from));
    }
    Ok(fields)
}

async fn owner(app: &App, username: &str) -> Result<Option<i64>, Refusal> {
    if username.is_empty() {
        return Ok(None);
    }
    let filter = PeopleFilter {
        username: Some(username.to_owned()),
        ..PeopleFilter::default()
    };
    let found = app.store.people_page(&filter, Window::ONE).await?.first();
    let none = || Refusal::field("owner", format!("Nobody is called “{username}”."));
    Ok(Some(found.ok_or_else(none)?.id))
}

/// Names to choose an owner from; none for those who cannot.
pub(super) async fn people(app: &App, visitor: &Visitor) -> Result<Vec<String>, Refusal> {
    if !visitor.caller.superuser {
        return Ok(Vec::new());
    }
    let filter = PeopleFilter {
        active: Some(true),
        ..PeopleFilter::default()
    };
    let window = Window {
        limit: SUGGESTED,
        offset: 0,
    };
    let page = app.store.people_page(&filter, window).await?;
    Ok(page
        .rows
        .into_iter()
        .map(|person| person.username)
        .collect())
}

/// The form; `button` says what sending it does.
pub(super) fn form(
    visitor: &Visitor,
    written: &Written,
    people: &[String],
    errors: &Errors,
    (action, button): (&str, &str),
) -> Markup {
    let field = |name, label, help| errors.field(name, label, help);
    let url = "http or https. It gets a ping when this is saved, and is saved only if it answers without an error.";
    let header = "A header that every request carries, such as Authorization. May be empty.";
    let value = "Kept encrypted, and never shown again.";
    let owner = "Whose notifications it gets, by username. Empty: the system's.";
    html! {
        form.card method="post" action=(action) {
            (complaints(errors))
            input type="hidden" name=(VERSION) value=(written.version);
            (field("name", "Name", "Up to 100 characters; no two endpoints have the same.").input("text", &written.name))
            (field("url", "URL", url).input("url", &written.url))
            (field("header_name", "Header name", header).input("text", &written.header_name))
            (field("header_value", "Header value", value).secret(written.has_header_value))
            @if visitor.caller.superuser {
                (field("owner", "Owner", owner).suggested(people.iter().map(|name| (name.as_str(), "")), &written.owner))
            }
            button { (button) }
        }
    }
}
