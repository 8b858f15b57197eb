//! One request, tried until it is answered or given up.

use std::time::Duration;

use anyhow::Context;
use chrono::Utc;
use delivery::http::retry_after;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, LOCATION, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Certificate, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::Url;

use super::args::ImportOptions;
use super::refusal::{ApiError, detail};

/// The longest wait between two attempts, whatever DefectDojo asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// Reads the API of one DefectDojo.
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    attempts: u32,
    backoff: Duration,
}

/// How one attempt ended that may go better next time.
struct Setback {
    /// In words.
    what: String,
    /// How long DefectDojo asks us to wait.
    wait: Option<Duration>,
}

impl Client {
    /// A client that sends the token with every request and follows no redirects, so that the
    /// token goes nowhere else.
    ///
    /// # Errors
    /// If there is no token, it is none, or a file cannot be read.
    pub(super) fn new(options: &ImportOptions) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        let token = token(options)?;
        let mut value = HeaderValue::from_str(&format!("Token {}", token.expose_secret().trim()))
            .ok()
            .context("the token holds signs that no API v2 key has")?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("notifyctl/", env!("CARGO_PKG_VERSION"))),
        );
        let mut builder = reqwest::Client::builder()
            .default_headers(headers)
            .redirect(Policy::none())
            .connect_timeout(Duration::from_secs(10).min(options.timeout))
            .timeout(options.timeout);
        if let Some(path) = &options.extra_ca_file {
            let pem = std::fs::read(path)
                .with_context(|| format!("cannot read --extra-ca-file {}", path.display()))?;
            let certificates = Certificate::from_pem_bundle(&pem)
                .with_context(|| format!("{} holds no PEM certificates", path.display()))?;
            builder = builder.tls_certs_merge(certificates);
        }
        Ok(Self {
            http: builder.build().context("the HTTP client cannot be made")?,
            base: options.url.clone(),
            attempts: options.attempts.get(),
            backoff: options.backoff,
        })
    }

    /// What the API says of a path below `api/v2/`, e.g. `users/?limit=3`.
    ///
    /// # Errors
    /// [`ApiError`]: what is temporary was waited for and tried again.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        let path = format!("api/v2/{path}");
        let mut wait = self.backoff;
        let mut attempts = 0;
        loop {
            let setback = match self.attempt(&path).await? {
                Ok(answer) => return Ok(answer),
                Err(setback) => setback,
            };
            attempts += 1;
            if attempts >= self.attempts {
                let last = setback.what;
                return Err(ApiError::GivenUp {
                    path,
                    attempts,
                    last,
                });
            }
            let pause = setback.wait.unwrap_or(wait).min(LONGEST_WAIT);
            let seconds = pause.as_secs_f32();
            tracing::warn!(%path, "{}; trying again in {seconds} s", setback.what);
            tokio::time::sleep(pause).await;
            wait *= 2;
        }
    }

    /// Whether there is an object of this path.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn exists(&self, path: &str) -> Result<bool, ApiError> {
        match self.get::<serde::de::IgnoredAny>(path).await {
            Ok(_) => Ok(true),
            Err(ApiError::Missing { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Asks once. The outer error is final.
    async fn attempt<T: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<Result<T, Setback>, ApiError> {
        let nonsense = |problem: String| ApiError::Nonsense {
            path: path.to_owned(),
            problem,
        };
        let url = self
            .base
            .join(path)
            .map_err(|error| nonsense(error.to_string()))?;
        let response = match self.http.get(url).send().await {
            Ok(response) => response,
            Err(error) => return Ok(Err(broken(error))),
        };
        let status = response.status();
        let wait = retry_after(response.headers(), Utc::now());
        let location = response.headers().get(LOCATION).cloned();
        let body = match response.bytes().await {
            Ok(body) => body,
            Err(error) => return Ok(Err(broken(error))),
        };
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map(Ok)
                .map_err(|error| nonsense(format!("what is not expected there: {error}")));
        }
        let text = String::from_utf8_lossy(&body);
        if is_temporary(status) {
            let what = format!("HTTP {} ({})", status.as_u16(), detail(&text));
            return Ok(Err(Setback { what, wait }));
        }
        let location = location.as_ref().and_then(|to| to.to_str().ok());
        Err(ApiError::of(path, status, location, &text))
    }
}

/// The token, wherever it was given.
fn token(options: &ImportOptions) -> anyhow::Result<SecretString> {
    if let Some(path) = &options.token_file {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read --token-file {}", path.display()))?;
        return Ok(SecretString::from(text));
    }
    options.token.clone().context(
        "there is no token; set DD_IMPORT_TOKEN or DD_IMPORT_TOKEN_FILE, or give --token-file",
    )
}

fn is_temporary(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)
}

/// An exchange that broke off. Its cause lies at the bottom.
fn broken(error: reqwest::Error) -> Setback {
    let error = anyhow::Error::new(error.without_url());
    Setback {
        what: format!("no answer ({})", error.root_cause()),
        wait: None,
    }
}
