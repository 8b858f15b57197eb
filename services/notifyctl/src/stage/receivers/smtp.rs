//! A mail server: the double `tests/doubles/smtp_receiver.py`, run as a child process.
//!
//! Addresses that begin with `reject` are refused (550), `defer-once` is put off once
//! and `defer` always (451).

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use proto_events::{Channel, JobId};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use url::Url;

use super::record::{Received, Record, Via};

/// Names the Python interpreter that runs the double; it must have aiosmtpd.
const VARIABLE: &str = "DOJO_PYTHON";

/// The double.
const DOUBLE: &str = include_str!("../../../../../tests/doubles/smtp_receiver.py");

/// How long it may take to start.
const START_WITHIN: Duration = Duration::from_secs(30);

/// What the mail server asks of its clients.
#[derive(Clone, Debug, Default)]
pub struct SmtpOptions {
    /// The user and password to log in with.
    pub login: Option<(String, String)>,
    /// Require STARTTLS with this certificate, which must be for `localhost`.
    pub certificate: Option<Certificate>,
}

/// A certificate that vouches for itself.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// PEM file of the certificate.
    pub chain: PathBuf,
    /// PEM file of its key.
    pub key: PathBuf,
}

/// The running mail server. It ends with this value.
pub(super) struct SmtpReceiver {
    /// Its standard input is open as long as this value lives; when it closes, it ends.
    _process: Child,
    url: String,
    authority: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Started {
    port: u16,
}

/// A line of the double.
#[derive(Deserialize)]
struct Accepted {
    from: String,
    to: Vec<String>,
    data: String,
    encoding: String,
    tls: bool,
    auth: Option<String>,
}

impl SmtpReceiver {
    pub(super) async fn start(options: &SmtpOptions, record: Record) -> anyhow::Result<Self> {
        let mut process = command(options)?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot run the Python interpreter in {VARIABLE}"))?;
        let output = process
            .stdout
            .take()
            .context("the mail server has no standard output")?;
        let mut lines = BufReader::new(output).lines();
        let first = tokio::time::timeout(START_WITHIN, lines.next_line()).await;
        let Ok(Ok(Some(first))) = first else {
            bail!(
                "the mail server did not start; does the Python interpreter in {VARIABLE} have aiosmtpd?"
            );
        };
        let Started { port } = serde_json::from_str(&first)
            .with_context(|| format!("the mail server says what nobody understands: {first}"))?;
        tokio::spawn(read(lines, record));
        Ok(Self {
            _process: process,
            url: url(options, port)?,
            authority: options
                .certificate
                .as_ref()
                .map(|certificate| certificate.chain.clone()),
        })
    }

    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        let mut environment = vec![("DD_EMAIL_URL", self.url.clone())];
        let authority = self.authority.as_ref();
        environment.extend(authority.map(|file| ("DD_EXTRA_CA_FILE", file.display().to_string())));
        environment
    }
}

fn command(options: &SmtpOptions) -> anyhow::Result<Command> {
    let python = std::env::var_os(VARIABLE).with_context(|| {
        format!(
            "{VARIABLE} is not set; ./dev sets it, or name a Python interpreter that has aiosmtpd"
        )
    })?;
    let mut command = Command::new(python);
    command.args(["-c", DOUBLE]);
    if let Some((user, password)) = &options.login {
        command.args(["--user", user, "--password", password]);
    }
    if let Some(Certificate { chain, key }) = &options.certificate {
        command
            .arg("--certificate")
            .arg(chain)
            .arg("--key")
            .arg(key);
    }
    Ok(command)
}

/// The address for `DD_EMAIL_URL`.
fn url(options: &SmtpOptions, port: u16) -> anyhow::Result<String> {
    let mut url = match options.certificate {
        Some(_) => Url::parse(&format!("smtp+tls://localhost:{port}"))?,
        None => Url::parse(&format!("smtp://127.0.0.1:{port}"))?,
    };
    if let Some((user, password)) = &options.login {
        let set = url
            .set_username(user)
            .and_then(|()| url.set_password(Some(password)));
        if set.is_err() {
            bail!("user and password cannot stand in an address");
        }
    }
    Ok(url.into())
}

async fn read(mut lines: Lines<BufReader<ChildStdout>>, record: Record) {
    loop {
        match lines.next_line().await {
            Ok(Some(line)) => match serde_json::from_str(&line) {
                Ok(accepted) => add(accepted, &record),
                Err(error) => {
                    tracing::warn!(%error, line, "the mail server says what nobody understands");
                }
            },
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "the mail server cannot be read");
                return;
            }
        }
    }
}

/// Adds a mail, once for each of its recipients.
fn add(mail: Accepted, record: &Record) {
    let body = match mail.encoding.as_str() {
        "base64" => STANDARD.decode(&mail.data).map_or(mail.data, |bytes| {
            String::from_utf8_lossy(&bytes).into_owned()
        }),
        _ => mail.data,
    };
    for to in mail.to {
        record.add(Received {
            channel: Channel::Mail,
            to,
            job: job(&body),
            body: body.clone(),
            via: Via::Smtp {
                from: mail.from.clone(),
                tls: mail.tls,
                login: mail.auth.clone(),
            },
            accepted: true,
            at: Utc::now(),
        });
    }
}

/// The job in `Message-ID: <job@domain>`.
fn job(mail: &str) -> Option<JobId> {
    let headers = mail.lines().take_while(|line| !line.is_empty());
    let id = headers
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("message-id"))?
        .1;
    id.trim().strip_prefix('<')?.split('@').next()?.parse().ok()
}
