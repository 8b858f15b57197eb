//! One HTTP exchange, judged.

use std::error::Error as _;
use std::num::IntErrorKind;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use chassis::trace::carried;
use chrono::{DateTime, Utc};
use proto_events::headers::TRACEPARENT;
use proto_events::{Outcome, Reason};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder, Response, StatusCode};

use crate::config::DeliveryConfig;
use crate::guard::Refusal;

/// Tells receivers which requests are one delivery, so that they can drop a second copy
/// (IETF draft-ietf-httpapi-idempotency-key-header). Its value is the job's id.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// What the body of an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// It only tells more; the first 16 KiB are read, and a good status stands whatever
    /// becomes of the body.
    Tells,
    /// It decides; up to 1 MiB are read, and without it there is no answer.
    Decides,
}

impl Body {
    /// How much is read (bytes).
    #[must_use]
    pub const fn limit(self) -> usize {
        match self {
            Self::Tells => 16 * 1024,
            Self::Decides => 1024 * 1024,
        }
    }
}

/// The longest wait that a receiver may ask for.
pub const LONGEST_WAIT: Duration = Duration::from_secs(10 * 3600);

/// A client for services that somebody configured, through the proxy of the environment.
///
/// # Errors
/// If the file of further certificate authorities cannot be used.
pub fn client(config: &DeliveryConfig) -> anyhow::Result<Client> {
    let extra_ca = config.extra_ca()?;
    builder(extra_ca.as_deref())?
        .build()
        .context("the HTTP client cannot be made")
}

/// The PEM text of the further certificate authorities.
///
/// # Errors
/// If the file cannot be read.
pub fn extra_ca(file: Option<&Path>) -> anyhow::Result<Option<Vec<u8>>> {
    let read = |path: &Path| {
        std::fs::read(path).with_context(|| {
            let path = path.display();
            format!("DD_EXTRA_CA_FILE names {path}, which cannot be read")
        })
    };
    file.map(read).transpose()
}

/// What all clients have in common. They follow no redirects: a message must not go where
/// nobody configured it.
///
/// # Errors
/// If the further certificate authorities are no PEM text.
pub fn builder(extra_ca: Option<&[u8]>) -> anyhow::Result<ClientBuilder> {
    let builder = Client::builder()
        .redirect(Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .pool_idle_timeout(Duration::from_secs(60));
    let Some(pem) = extra_ca else {
        return Ok(builder);
    };
    let none = "DD_EXTRA_CA_FILE holds no PEM certificates";
    let certificates = Certificate::from_pem_bundle(pem).context(none)?;
    anyhow::ensure!(!certificates.is_empty(), none);
    Ok(builder.tls_certs_merge(certificates))
}

/// How much of a `Location` is kept (characters).
const LOCATION_CHARS: usize = 200;

/// What a receiver answered.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: StatusCode,
    /// `Retry-After`, at most [`LONGEST_WAIT`].
    pub retry_after: Option<Duration>,
    /// Where a redirect points, its beginning. It may hold what is secret in the address.
    pub location: Option<String>,
    /// The beginning of the body ([`Body::limit`]), as text.
    pub body: String,
}

/// Sends a request with the attempt's trace context and reads the answer, all within the deadline.
///
/// # Errors
/// The outcome, if there was no complete answer. It never holds the address, which may be
/// a secret.
pub async fn exchange(
    request: RequestBuilder,
    deadline: Duration,
    body: Body,
) -> Result<Answer, Outcome> {
    let ends = tokio::time::Instant::now() + deadline;
    let late = || {
        Outcome::retry(
            Reason::Timeout,
            format!("no complete answer within {} s", deadline.as_secs_f32()),
        )
    };
    let request = request.headers(trace_context());
    let mut response = match tokio::time::timeout_at(ends, request.send()).await {
        Ok(response) => response.map_err(failure)?,
        Err(_) => return Err(late()),
    };
    let read = match tokio::time::timeout_at(ends, read(&mut response, body.limit())).await {
        Ok(read) => read.map_err(failure),
        Err(_) => Err(late()),
    };
    // A receiver that said yes has the message: sending it again would double it.
    let settled = body == Body::Tells && response.status().is_success();
    let text = if settled {
        read.unwrap_or_default()
    } else {
        read?
    };
    Ok(Answer {
        status: response.status(),
        retry_after: retry_after(response.headers(), Utc::now()),
        location: location(response.headers()),
        body: String::from_utf8_lossy(&text).into_owned(),
    })
}

/// The context of the attempt under way as a header, if it has one.
fn trace_context() -> HeaderMap {
    let context = carried().and_then(|text| HeaderValue::from_str(&text).ok());
    let header = context.map(|value| (HeaderName::from_static(TRACEPARENT), value));
    header.into_iter().collect()
}

async fn read(response: &mut Response, limit: usize) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while body.len() < limit {
        match response.chunk().await? {
            Some(chunk) => body.extend_from_slice(&chunk),
            None => break,
        }
    }
    body.truncate(limit);
    Ok(body)
}

fn location(headers: &HeaderMap) -> Option<String> {
    let text = String::from_utf8_lossy(headers.get(LOCATION)?.as_bytes());
    Some(text.chars().take(LOCATION_CHARS).collect())
}

/// `Retry-After` in seconds or as a date (RFC 9110, 10.2.3).
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => LONGEST_WAIT,
        Err(_) => (DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc) - now)
            .to_std()
            .unwrap_or_default(),
    };
    Some(wait.min(LONGEST_WAIT))
}

/// Judges an exchange that broke off, by what lies at the bottom of the error.
fn failure(error: reqwest::Error) -> Outcome {
    let error = error.without_url();
    let mut causes = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(refusal) = cause.downcast_ref::<Refusal>() {
            return refusal.outcome();
        }
        causes.push(cause.to_string());
        source = cause.source();
    }
    let detail = causes.join(": ");
    let says = |words: &[&str]| {
        words
            .iter()
            .any(|word| detail.to_lowercase().contains(word))
    };
    let reason = if error.is_builder() {
        return Outcome::rejected(Reason::InvalidAddress, detail);
    } else if error.is_timeout() {
        Reason::Timeout
    // Before the name's look-up: a certificate of another name speaks of a DNS name too.
    } else if says(&[
        "certificate",
        "tls",
        "handshake",
        "invalidcontenttype",
        "corrupt message",
    ]) {
        Reason::Tls
    } else if says(&["dns", "lookup address", "name or service not known"]) {
        Reason::Dns
    } else {
        Reason::Connection
    };
    Outcome::retry(reason, detail)
}

/// Judges a status that has no meaning of its own in a channel: 408, 425, 429 and 5xx may
/// pass, a redirect is not followed, a person mends wrong credentials (401, 403), and any
/// other 4xx would be refused again.
#[must_use]
pub fn judge(answer: &Answer) -> Outcome {
    let detail = format!("HTTP {}", answer.status.as_u16());
    let retry = |reason| Outcome::Retry {
        reason,
        detail: detail.clone(),
        after: answer.retry_after,
    };
    let rejected = |reason| Outcome::Rejected {
        reason,
        detail: detail.clone(),
    };
    match answer.status.as_u16() {
        200..=299 => Outcome::Delivered(proto_events::Receipt {
            status: Some(answer.status.as_u16()),
            ..Default::default()
        }),
        429 => retry(Reason::RateLimited),
        408 | 425 => retry(Reason::Timeout),
        300..=399 => retry(Reason::Redirected),
        500..=599 => retry(Reason::ReceiverError),
        401 | 403 => retry(Reason::Unauthorized),
        404 | 410 => rejected(Reason::EndpointGone),
        413 => rejected(Reason::TooLarge),
        400..=499 => rejected(Reason::Refused),
        _ => retry(Reason::BadResponse),
    }
}
