//! What a mail says to mail programs: where it belongs, and how to stop it.

use std::collections::BTreeSet;

use anyhow::bail;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use delivery::DeliveryConfig;
use lettre::message::header::{HeaderName, HeaderValue};
use messages::{Subscription, UnsubscribeTokens};
use proto_events::payload::EventData;
use proto_events::{Column, Event, Job};
use secrecy::ExposeSecret;
use url::Url;

/// Longest word of a subject that is written as it is (bytes). A line must stay below 998
/// (RFC 5322, 2.1.1), and is only broken at blanks.
const WORD: usize = 900;

/// The headers that depend on the installation.
pub struct Headers {
    /// DefectDojo's host: two of them may send from one address.
    site: String,
    unsubscribe: Option<Unsubscribe>,
}

struct Unsubscribe {
    /// As an address is written: ASCII without blanks.
    pages: String,
    tokens: UnsubscribeTokens,
    /// Only where the pages are at `https` (RFC 8058, section 3.1).
    one_click: bool,
}

impl Headers {
    /// The headers of an installation.
    ///
    /// # Errors
    /// If `DD_NOTIFY_URL` is no address.
    pub fn new(config: &DeliveryConfig) -> anyhow::Result<Self> {
        Ok(Self {
            site: site(&config.site_url),
            unsubscribe: Unsubscribe::new(config)?,
        })
    }

    /// The headers of one mail, which comes from this domain.
    #[must_use]
    pub fn of(&self, job: &Job, event: &Event, domain: &str) -> Vec<HeaderValue> {
        let mut headers = vec![
            // Tells out-of-office programs to be quiet (RFC 3834, 5).
            header("Auto-Submitted", "auto-generated".to_owned()),
            // For filters (RFC 2919).
            header(
                "List-Id",
                format!("DefectDojo <notifications.{}>", self.site),
            ),
        ];
        if let Some(root) = self.thread(&event.data, domain) {
            headers.push(header("In-Reply-To", root.clone()));
            headers.push(header("References", root));
        }
        if let (Some(unsubscribe), Some(subscription)) =
            (&self.unsubscribe, subscription(job, event))
        {
            headers.extend(unsubscribe.headers(&subscription));
        }
        headers
    }

    /// The Message-ID of a mail that nobody ever sent: all mails about an engagement, else
    /// about a product, say that they answer it, so that they stand together (RFC 5322, 3.6.4).
    fn thread(&self, data: &EventData, domain: &str) -> Option<String> {
        let engagement = data.engagement.as_ref().map(|it| ("engagement", it.id));
        let product = || data.product.as_ref().map(|it| ("product", it.id));
        let (kind, id) = engagement.or_else(product)?;
        Some(format!("<{kind}-{id}.{}@{domain}>", self.site))
    }
}

impl Unsubscribe {
    /// None where there are no pages, or no key to sign with.
    fn new(config: &DeliveryConfig) -> anyhow::Result<Option<Self>> {
        let pages = config.notify_url.as_deref().unwrap_or_default().trim();
        let keys = config.store.credential_aes_256_key.as_ref();
        let tokens = keys.and_then(|keys| UnsubscribeTokens::from_keys(keys.expose_secret()));
        let (false, Some(tokens)) = (pages.is_empty(), tokens) else {
            return Ok(None);
        };
        let url = Url::parse(pages)
            .ok()
            .filter(|url| matches!(url.scheme(), "https" | "http"));
        let Some(pages) = url else {
            bail!("DD_NOTIFY_URL is not usable: it must begin with https:// or http://");
        };
        let one_click = pages.scheme() == "https";
        if !one_click {
            tracing::warn!("DD_NOTIFY_URL is not https, so mails offer no one-click unsubscribe");
        }
        Ok(Some(Self {
            pages: pages.into(),
            tokens,
            one_click,
        }))
    }

    fn headers(&self, subscription: &Subscription) -> impl Iterator<Item = HeaderValue> {
        let link = self.tokens.link(&self.pages, subscription);
        let post = || {
            header(
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click".to_owned(),
            )
        };
        std::iter::once(on_one_line("List-Unsubscribe", format!("<{link}>")))
            .chain(self.one_click.then(post))
    }
}

/// What a mail to a person is a part of; one to the system's addresses is nobody's to stop.
fn subscription(job: &Job, event: &Event) -> Option<Subscription> {
    let user = job.to.address()?.recipient.as_ref()?.id;
    let columns: BTreeSet<Column> = match &job.digest {
        None => BTreeSet::from([event.name.column()]),
        Some(digest) => {
            let told = digest.notices.iter().filter_map(|it| it.event().ok());
            told.map(|event| event.name.column()).collect()
        }
    };
    (!columns.is_empty()).then_some(Subscription { user, columns })
}

/// The subject, encoded where a word of it is too long for a line.
#[must_use]
pub fn subject(text: String) -> HeaderValue {
    if text.split(' ').all(|word| word.len() <= WORD) {
        return header("Subject", text);
    }
    let encoded: Vec<String> = pieces(&text)
        .map(|piece| format!("=?utf-8?b?{}?=", STANDARD.encode(piece)))
        .collect();
    let name = HeaderName::new_from_ascii_str("Subject");
    HeaderValue::dangerous_new_pre_encoded(name, text, encoded.join("\r\n "))
}

/// Pieces of whole characters, each short enough for an encoded word of 75 characters
/// (RFC 2047, section 2).
fn pieces(mut text: &str) -> impl Iterator<Item = &str> {
    const BYTES: usize = 45;
    std::iter::from_fn(move || {
        let (piece, rest) = text.split_at(text.floor_char_boundary(BYTES));
        text = rest;
        Some(piece).filter(|piece| !piece.is_empty())
    })
}

/// The host of DefectDojo's address, as it may stand in an id.
fn site(address: &str) -> String {
    let url = Url::parse(address).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or("defectdojo");
    host.trim_matches(['[', ']'])
        .replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "-")
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// A header that is not folded: some relays fold it anew after signing, and the signature of
/// a link that Gmail looks at breaks. Only for values that are ASCII without line ends.
fn on_one_line(name: &'static str, value: String) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value)
}
