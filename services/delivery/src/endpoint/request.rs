//! What is sent to an endpoint, but for time and signature, which are an attempt's.

use std::time::Duration;

use proto_events::headers::TRACEPARENT;
use proto_events::{Outcome, Reason};
use reqwest::header::{
    ACCEPT, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, HeaderMap, HeaderName,
    HeaderValue, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
};
use secrecy::ExposeSecret;
use serde_json::Value;
use store::Endpoint;
use url::Url;

use super::signature::SigningKey;
use crate::http::IDEMPOTENCY_KEY;

/// The longest name of an event that goes into a header (bytes).
const LONGEST_NAME: usize = 1000;

/// Names a message: its job's id, the same at every attempt.
pub const WEBHOOK_ID: &str = "webhook-id";

/// When the attempt was made, in seconds since 1970.
pub const WEBHOOK_TIMESTAMP: &str = "webhook-timestamp";

/// Signatures, separated by a blank: two while a secret is being replaced.
pub const WEBHOOK_SIGNATURE: &str = "webhook-signature";

/// What an endpoint's own header must not be: where the message ends, and how the connection
/// is used, is for the client to say; nobody else says what the signature covers, or to which trace
/// an attempt belongs.
const NOT_ITS_OWN: [HeaderName; 15] = [
    HOST,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    CONNECTION,
    TE,
    TRAILER,
    UPGRADE,
    EXPECT,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static(WEBHOOK_ID),
    HeaderName::from_static(WEBHOOK_TIMESTAMP),
    HeaderName::from_static(WEBHOOK_SIGNATURE),
    HeaderName::from_static(TRACEPARENT),
];

/// What an endpoint is told.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// Names the message: the job's id.
    pub id: &'a str,
    /// The event's name.
    pub event: &'a str,
    /// The event, as `messages::webhook` lays it out.
    pub body: &'a Value,
    /// How long the exchange may take.
    pub deadline: Duration,
}

/// A request that is ready to be sent.
#[derive(Debug)]
pub struct Request {
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) id: String,
    pub(super) keys: Vec<SigningKey>,
    pub(super) body: Vec<u8>,
    pub(super) deadline: Duration,
}

/// What every request of this installation says of it.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) user_agent: HeaderValue,
    pub(super) site: HeaderValue,
}

impl Sender {
    /// Puts a request together.
    pub(super) fn request(
        &self,
        url: Url,
        endpoint: &Endpoint,
        content: &Content<'_>,
    ) -> Result<Request, Outcome> {
        let body = serde_json::to_vec(content.body)
            .map_err(|error| Outcome::rejected(Reason::Internal, error.to_string()))?;
        Ok(Request {
            url,
            headers: self.headers(endpoint, content)?,
            id: content.id.to_owned(),
            keys: keys(endpoint)?,
            body,
            deadline: content.deadline,
        })
    }

    fn headers(&self, endpoint: &Endpoint, content: &Content<'_>) -> Result<HeaderMap, Outcome> {
        let json = HeaderValue::from_static("application/json");
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, json.clone());
        headers.insert(CONTENT_TYPE, json);
        headers.insert(USER_AGENT, self.user_agent.clone());
        headers.insert("X-DefectDojo-Instance", self.site.clone());
        headers.insert("X-DefectDojo-Event", event_name(content.event)?);
        let id = value(content.id, "the job's id")?;
        headers.insert(IDEMPOTENCY_KEY, id.clone());
        headers.insert(WEBHOOK_ID, id);
        if let Some((name, value)) = own_header(endpoint)? {
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

/// The header that the endpoint asks for; as in DefectDojo it wins over ours. An empty name is
/// none.
fn own_header(endpoint: &Endpoint) -> Result<Option<(HeaderName, HeaderValue)>, Outcome> {
    let name = endpoint.header_name.as_deref().unwrap_or_default();
    let Some(name) = header_name(name)
        .map_err(|fault| invalid(&format!("the endpoint's header_name {fault}")))?
    else {
        return Ok(None);
    };
    let given = endpoint.header_value.as_ref();
    let given = given.map_or("", |secret| secret.expose_secret());
    let mut value = value(given, "the endpoint's header_value")?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}

/// The name of a header that an endpoint asks for; none if it is empty.
///
/// # Errors
/// Why no endpoint can have it, as the rest of a sentence that begins with whose name it is.
pub fn header_name(name: &str) -> Result<Option<HeaderName>, String> {
    if name.is_empty() {
        return Ok(None);
    }
    let name = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| "is no name of an HTTP header; letters, digits and - are")?;
    if NOT_ITS_OWN.contains(&name) {
        return Err(format!(
            "is {name}, which the sender sets itself; choose another"
        ));
    }
    Ok(Some(name))
}

/// The value of a header.
///
/// # Errors
/// Why no header can have it, as the rest of a sentence that begins with whose value it is.
pub fn header_value(text: &str) -> Result<HeaderValue, &'static str> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(
        |_| "cannot stand in an HTTP header; it holds a line break or another control character",
    )
}

fn keys(endpoint: &Endpoint) -> Result<Vec<SigningKey>, Outcome> {
    let keys = endpoint.signing_secrets.iter().map(SigningKey::read);
    keys.collect::<Result<_, _>>().map_err(|no_secret| {
        // Waits until somebody mends it: an unsigned request would be refused.
        Outcome::retry(
            Reason::NotConfigured,
            format!("the endpoint's signing secret is none: {no_secret}; notifyctl webhook secret makes a new one"),
        )
    })
}

fn value(text: &str, what: &str) -> Result<HeaderValue, Outcome> {
    header_value(text).map_err(|fault| invalid(&format!("{what} {fault}")))
}

/// The event's name as a header. What it cannot be is the event's fault, not the endpoint's.
fn event_name(name: &str) -> Result<HeaderValue, Outcome> {
    // Servers hang up over long headers, which would look like a fault of the endpoint.
    if name.len() > LONGEST_NAME {
        return Err(Outcome::rejected(
            Reason::TooLarge,
            format!("the event's name is longer than a header should be ({LONGEST_NAME} bytes)"),
        ));
    }
    value(name, "the event's name").map_err(|outcome| match outcome {
        Outcome::Rejected { detail, .. } => Outcome::rejected(Reason::Refused, detail),
        other => other,
    })
}

fn invalid(detail: &str) -> Outcome {
    Outcome::rejected(Reason::InvalidAddress, detail)
}
