//! Local stand-ins for the outside world, which keep what they get.
//!
//! | module | stands for |
//! |---|---|
//! | [`http`] | Slack, Teams and webhook endpoints |
//! | [`smtp`] | a mail server |
//! | [`record`] | what they got |

pub mod http;
pub mod record;
pub mod smtp;

pub use http::Answer;
pub use record::{Received, Record, Via};
pub use smtp::{Certificate, SmtpOptions};

use http::HttpReceiver;
use smtp::SmtpReceiver;

/// Where they are.
pub const LOOPBACK: &str = "127.0.0.0/8,::1/128";

/// Slack, Teams, webhook endpoints and a mail server on this machine. They end with this value.
pub struct Receivers {
    /// What they got.
    pub record: Record,
    http: HttpReceiver,
    smtp: SmtpReceiver,
}

impl Receivers {
    /// Starts them on free ports.
    ///
    /// # Errors
    /// If no port is free, or the mail server cannot be started.
    pub async fn start(smtp: &SmtpOptions) -> anyhow::Result<Self> {
        let record = Record::default();
        Ok(Self {
            http: HttpReceiver::start(record.clone()).await?,
            smtp: SmtpReceiver::start(smtp, record.clone()).await?,
            record,
        })
    }

    /// The variables that lead a service's mails and Slack messages here.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut environment = self.smtp.environment();
        // These receivers take whatever comes.
        environment.push(("DD_DESTINATION_RATE", "0".to_owned()));
        // They are on this machine, to which no webhook goes otherwise.
        environment.push(("DD_WEBHOOK_ALLOWED_NETWORKS", LOOPBACK.to_owned()));
        environment.push(("DD_SLACK_API_URL", self.http.url("/slack")));
        environment
    }

    /// A URL to set as the Teams workflow.
    #[must_use]
    pub fn teams_url(&self) -> String {
        self.http.url(http::TEAMS_WORKFLOW)
    }

    /// The URL of the webhook endpoint of that name; every name is one.
    #[must_use]
    pub fn hook_url(&self, name: &str) -> String {
        self.http.url(&http::hook_path(name))
    }

    /// Lets the next requests to a path (e.g. `/hooks/siem`, [`http::SLACK_POST`]) be
    /// answered so, in this order; then it answers normally again.
    pub fn script(&self, path: &str, answers: impl IntoIterator<Item = Answer>) {
        self.http.script.add(path, answers);
    }
}
