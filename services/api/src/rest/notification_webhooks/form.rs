//! An endpoint as it is read and written.

use chrono::{DateTime, Utc};
use delivery::endpoint::request::{header_name, header_value};
use delivery::guard::Refusal as Refused;
use schemars::JsonSchema;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::SecretChange;
use store::browse::ListedWebhook;
use url::Url;

use crate::access::Caller;
use crate::app::App;
use crate::refusal::{Errors, Refusal};
use crate::rest::form::{at_most, overlay};
use crate::rest::secret::Secret;

/// The longest value of a header (characters). DefectDojo's 100 are too few for a bearer token.
const LONGEST_VALUE: usize = 4000;

/// What can be read and not be written.
const READ_ONLY: [&str; 11] = [
    "id",
    "status",
    "state_since",
    "disabled_by_person",
    "first_error",
    "last_error",
    "note",
    "owner_name",
    "signed",
    "previous_signs_until",
    "destination",
];

/// A webhook endpoint.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Webhook {
    pub(crate) id: i64,
    /// What people call it: unique, up to 100 characters.
    pub(crate) name: String,
    /// Where requests go, up to 200 characters.
    pub(crate) url: String,
    /// A header that every request carries.
    pub(crate) header_name: Option<String>,
    /// That header's value; it cannot be read.
    pub(crate) header_value: Secret,
    /// active, active_tmp, inactive_tmp or inactive_permanent; moved by deliveries and by the
    /// actions below the endpoint.
    pub(crate) status: String,
    /// Since when it has stood so.
    pub(crate) state_since: Option<DateTime<Utc>>,
    /// Whether a person switched it off.
    pub(crate) disabled_by_person: bool,
    /// When the trouble began that has not ended.
    pub(crate) first_error: Option<DateTime<Utc>>,
    /// When the last error was.
    pub(crate) last_error: Option<DateTime<Utc>>,
    /// What was noted last.
    pub(crate) note: Option<String>,
    /// Whose notifications it gets; null: the system's.
    pub(crate) owner: Option<i64>,
    /// That user's name.
    pub(crate) owner_name: Option<String>,
    /// Whether requests are signed.
    pub(crate) signed: bool,
    /// Tells one signing secret from the next: what a rotation on a page supposes.
    #[serde(skip)]
    pub(crate) secret_mark: Option<String>,
    /// Until when the secret before signs too; null: none does.
    pub(crate) previous_signs_until: Option<DateTime<Utc>>,
    /// The destination that its deliveries name.
    pub(crate) destination: i64,
    /// What a change was laid over: it is refused where the endpoint was written meanwhile.
    #[serde(skip)]
    pub(crate) version: String,
}

/// What the caller wrote over what holds without it, if they may, and it can be used.
pub(super) async fn written(
    app: &App,
    caller: &Caller,
    base: &Webhook,
    fields: Map<String, Value>,
) -> Result<Webhook, Refusal> {
    let mut form: Webhook = overlay(base, fields, &READ_ONLY)?;
    if !caller.superuser && form.owner.is_none() {
        form.owner = Some(caller.id);
    }
    let mut errors = Errors::default();
    for (field, text, limit) in [
        ("name", form.name.as_str(), 100),
        ("url", &form.url, 200),
        (
            "header_name",
            form.header_name.as_deref().unwrap_or(""),
            100,
        ),
    ] {
        at_most(&mut errors, field, text, limit);
    }
    header(&mut errors, &form);
    if form.name.is_empty() {
        errors.add("name", "This field may not be blank.");
    }
    if form.url.is_empty() {
        errors.add("url", "This field may not be blank.");
    } else if form.url != base.url
        && let Err(refusal) = app.endpoints.check(&form.url).await
    {
        let text = match refusal {
            // DefectDojo's words.
            Refused::NoUrl => "Enter a valid URL.".to_owned(),
            other => format!("{other}."),
        };
        errors.add("url", text);
    }
    if let Some(owner) = form.owner {
        // Whose it may be comes first: not everybody is told who exists.
        if caller.own().is_some_and(|own| own != owner) {
            errors.add("owner", "You keep your own endpoints only.");
        } else if !app
            .store
            .named(Some(owner), None, None, None, None)
            .await?
            .user
        {
            errors.add(
                "owner",
                format!("Invalid pk \"{owner}\" - object does not exist."),
            );
        }
    }
    errors.none()?;
    Ok(form)
}

/// What no request could carry would be found out only with the first delivery, which would disable
/// the endpoint.
fn header(errors: &mut Errors, form: &Webhook) {
    if let Err(fault) = header_name(form.header_name.as_deref().unwrap_or_default()) {
        errors.add("header_name", format!("This {fault}."));
    }
    if form.header_value.len() > LONGEST_VALUE {
        errors.add(
            "header_value",
            format!("Ensure this field has no more than {LONGEST_VALUE} characters."),
        );
    }
    if let SecretChange::Set(value) = form.header_value.clone().change()
        && let Err(fault) = header_value(value.expose_secret())
    {
        errors.add("header_value", format!("This {fault}."));
    }
}

/// Refuses to take a header's value along to another server: whoever changes the address could read it
/// there, though it is told to nobody.
pub(super) fn guard_secret(stored: &Webhook, form: &Webhook) -> Result<(), Refusal> {
    let is_left = matches!(form.header_value.clone().change(), SecretChange::Leave);
    let origin = |url: &str| Url::parse(url).map(|url| url.origin());
    let is_elsewhere = form.url != stored.url
        && !matches!((origin(&form.url), origin(&stored.url)), (Ok(to), Ok(from)) if to == from);
    if stored.header_value.is_set() && is_left && is_elsewhere {
        let text = "The address changed: write the header's value again, or remove it.";
        return Err(Refusal::field("header_value", text));
    }
    Ok(())
}

impl Webhook {
    /// An endpoint of which nothing is written yet.
    pub(super) fn blank(id: i64) -> Self {
        Self {
            id,
            ..Self::default()
        }
    }
}

impl From<ListedWebhook> for Webhook {
    fn from(webhook: ListedWebhook) -> Self {
        Self {
            id: webhook.id,
            name: webhook.name,
            url: webhook.url,
            header_name: webhook.header_name,
            header_value: Secret::shown(webhook.has_header_value),
            status: webhook.status,
            state_since: Some(webhook.since),
            disabled_by_person: webhook.disabled_by_person,
            first_error: webhook.first_error,
            last_error: webhook.last_error,
            note: webhook.note,
            owner: webhook.owner,
            owner_name: webhook.owner_name,
            signed: webhook.signed,
            secret_mark: webhook.secret_mark,
            previous_signs_until: webhook.previous_signs_until,
            destination: webhook.destination,
            version: webhook.version,
        }
    }
}
