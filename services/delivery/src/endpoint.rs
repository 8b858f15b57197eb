//! Requests to webhook endpoints: built, guarded, signed, sent. The sender, the operator's tool
//! and the API send nothing to an endpoint but through here.
//!
//! | module | what it is for |
//! |---|---|
//! | [`config`] | the variables |
//! | [`request`] | what is sent |
//! | [`signature`] | Standard Webhooks |
//! | [`ping`] | trying an endpoint |

pub mod config;
pub mod ping;
pub mod request;
pub mod signature;

use std::sync::Arc;

use anyhow::Context;
use chrono::Utc;
use proto_events::Outcome;
use reqwest::dns::{Name, Resolve};
use reqwest::header::HeaderValue;
use reqwest::{Client, Proxy};
use secrecy::ExposeSecret;
use store::Endpoint;
use url::Url;

pub use config::EndpointConfig;
pub use request::{Content, Request};

use crate::guard::resolver::{GuardedNames, SystemNames};
use crate::guard::{Guard, Refusal};
use crate::http::{self, Answer, Body};
use request::{Sender, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP};

/// Sends requests to endpoints.
pub struct Endpoints {
    client: Client,
    guard: Guard,
    /// None where a proxy looks names up.
    names: Option<GuardedNames>,
    sender: Sender,
    site_url: String,
}

impl Endpoints {
    /// For an installation whose DefectDojo is at `site_url`, with further certificate
    /// authorities (PEM).
    ///
    /// # Errors
    /// If a variable cannot be used.
    pub fn new(
        site_url: &str,
        extra_ca: Option<&[u8]>,
        config: &EndpointConfig,
    ) -> anyhow::Result<Self> {
        Self::looking_up(site_url, extra_ca, config, Arc::new(SystemNames))
    }

    /// [`Endpoints::new`] with another way to look names up.
    ///
    /// # Errors
    /// As [`Endpoints::new`].
    pub fn looking_up(
        site_url: &str,
        extra_ca: Option<&[u8]>,
        config: &EndpointConfig,
        names: Arc<dyn Resolve>,
    ) -> anyhow::Result<Self> {
        let guard = config.guard();
        // The proxy of the environment would look names up past the guard.
        let builder = http::builder(extra_ca)?.no_proxy();
        let (builder, names) = match &config.webhook_proxy {
            Some(proxy) => {
                tracing::warn!(
                    "webhooks go through DD_WEBHOOK_PROXY, which looks names up: keeping requests away \
                     from private addresses is up to the proxy"
                );
                (builder.proxy(proxy_at(proxy.expose_secret())?), None)
            }
            None => {
                let names = GuardedNames::new(guard.clone(), names);
                (builder.dns_resolver(names.clone()), Some(names))
            }
        };
        let header = |text: &str, variable: &str| {
            HeaderValue::from_str(text)
                .with_context(|| format!("{variable} cannot stand in an HTTP header"))
        };
        let user_agent = format!("DefectDojo-{}", config.defectdojo_version);
        Ok(Self {
            client: builder.build().context("the HTTP client cannot be made")?,
            guard,
            names,
            sender: Sender {
                user_agent: header(&user_agent, "DD_DEFECTDOJO_VERSION")?,
                site: header(site_url, "DD_SITE_URL")?,
            },
            site_url: site_url.to_owned(),
        })
    }

    /// Whether something may be sent to an address now, its name looked up. A name that does
    /// not resolve is no reason to refuse it: every attempt looks it up again.
    ///
    /// # Errors
    /// If nothing may.
    pub async fn check(&self, address: &str) -> Result<Url, Refusal> {
        let url = self.guard.read(address)?;
        let (Some(names), Some(host)) = (&self.names, url.domain()) else {
            return Ok(url);
        };
        let Ok(name) = host.parse::<Name>() else {
            return Err(Refusal::NoUrl);
        };
        match names.resolve(name).await {
            Ok(_) => Ok(url),
            Err(error) => error
                .downcast_ref()
                .map_or(Ok(url), |it: &Refusal| Err(*it)),
        }
    }

    /// Puts a request together.
    ///
    /// # Errors
    /// The outcome, if its address is refused, or a header or secret of the endpoint is none.
    pub fn request(&self, endpoint: &Endpoint, content: &Content<'_>) -> Result<Request, Outcome> {
        let url = self.guard.read(&endpoint.url).map_err(Refusal::outcome)?;
        self.sender.request(url, endpoint, content)
    }

    /// One attempt, signed for this moment.
    ///
    /// # Errors
    /// The outcome, if there was no complete answer.
    pub async fn send(&self, request: &Request) -> Result<Answer, Outcome> {
        let timestamp = Utc::now().timestamp();
        let signatures: Vec<String> = request
            .keys
            .iter()
            .map(|key| key.sign(&request.id, timestamp, &request.body))
            .collect();
        let mut post = self
            .client
            .post(request.url.clone())
            .headers(request.headers.clone())
            .header(WEBHOOK_TIMESTAMP, timestamp);
        if !signatures.is_empty() {
            post = post.header(WEBHOOK_SIGNATURE, signatures.join(" "));
        }
        let post = post.body(request.body.clone());
        http::exchange(post, request.deadline, Body::Tells).await
    }
}

fn proxy_at(address: &str) -> anyhow::Result<Proxy> {
    // The parser's own words may repeat a password.
    let unusable = || anyhow::anyhow!("DD_WEBHOOK_PROXY is no http or https address");
    let url = Url::parse(address).map_err(|_| unusable())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(unusable());
    }
    Proxy::all(url).map_err(|_| unusable())
}
