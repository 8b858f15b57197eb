//! One Slack message.

use std::num::NonZeroU32;
use std::time::Duration;

use delivery::http::{self, Answer, Body};
use delivery::{Channel, Composer, Scope, Task};
use proto_events::{JobId, Outcome, Reason};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use store::{Place, Store};

use crate::answer;
use crate::config::Config;

/// How long one exchange with Slack may take (DefectDojo `DD_REQUESTS_TIMEOUT`).
const DEADLINE: Duration = Duration::from_secs(30);

/// Slack's Web API.
pub struct SlackChannel {
    composer: Composer,
    client: Client,
    store: Store,
    api: String,
}

/// A message, who sends it and where it goes.
pub struct SlackMessage {
    id: JobId,
    token: SecretString,
    to: To,
    body: Value,
}

enum To {
    /// A channel's name or id, or a user's id.
    Id(String),
    /// A person whose id is not known yet.
    Person { user: i64, email: String },
}

impl SlackChannel {
    /// Makes the channel.
    ///
    /// # Errors
    /// If the HTTP client cannot be made.
    pub fn new(config: &Config, store: &Store) -> anyhow::Result<Self> {
        Ok(Self {
            composer: Composer::new(&config.delivery)?,
            client: http::client(&config.delivery)?,
            store: store.clone(),
            api: config.slack_api_url.trim_end_matches('/').to_owned(),
        })
    }

    /// The Slack id of a person: looked up once, then kept.
    async fn id(&self, token: &SecretString, user: i64, email: &str) -> Result<String, Outcome> {
        let request = self
            .client
            .post(format!("{}/users.lookupByEmail", self.api))
            .bearer_auth(token.expose_secret())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(
                url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("email", email)
                    .finish(),
            );
        let id = answer::found(&http::exchange(request, DEADLINE, Body::Decides).await?)?;
        if let Err(error) = self.store.remember_slack_user(user, email, &id).await {
            tracing::warn!(%error, user, "the Slack id could not be kept; it is looked up again next time");
        }
        Ok(id)
    }

    /// One `chat.postMessage`.
    async fn post(&self, message: &SlackMessage, arguments: &Value) -> Result<Answer, Outcome> {
        let request = self
            .client
            .post(format!("{}/chat.postMessage", self.api))
            .bearer_auth(message.token.expose_secret())
            .header(http::IDEMPOTENCY_KEY, message.id.to_string())
            .json(arguments);
        http::exchange(request, DEADLINE, Body::Decides).await
    }

    /// Posts a message; as plain text, once, if Slack takes offence at its blocks.
    async fn send(&self, message: &SlackMessage) -> Result<Outcome, Outcome> {
        let to = match &message.to {
            To::Id(id) => id.clone(),
            To::Person { user, email } => self.id(&message.token, *user, email).await?,
        };
        let mut arguments = message.body.clone();
        arguments["channel"] = json!(to);
        let mut answer = self.post(message, &arguments).await?;
        if answer::refuses_blocks(&answer) {
            // A fault of ours, or a new rule of Slack's: worth a look, not worth a message.
            tracing::warn!(job.id = %message.id, "Slack refuses the message's blocks; it goes as plain text");
            if let Some(arguments) = arguments.as_object_mut() {
                arguments.remove("blocks");
            }
            answer = self.post(message, &arguments).await?;
        }
        Ok(answer::posted(&answer))
    }
}

impl Channel for SlackChannel {
    type Job = SlackMessage;

    // The workspace and its token are everybody's.
    const PAUSES: Scope = Scope::Service;

    const RATE: Option<NonZeroU32> = NonZeroU32::new(1);

    fn composer(&self) -> Option<&Composer> {
        Some(&self.composer)
    }

    fn prepare(&self, task: Task) -> Result<SlackMessage, Outcome> {
        let to = match (
            &task.place,
            task.job
                .to
                .address()
                .and_then(|address| address.recipient.as_ref()),
        ) {
            (Place::SlackChannel { channel }, _) => To::Id(channel.clone()),
            (
                Place::SlackUser {
                    user_id: Some(id), ..
                },
                _,
            ) => To::Id(id.clone()),
            (Place::SlackUser { email, .. }, Some(recipient)) => To::Person {
                user: recipient.id,
                email: email.clone(),
            },
            _ => {
                return Err(Outcome::rejected(
                    Reason::RecipientGone,
                    "the channel is not set any more, or the recipient is gone, inactive, or has no Slack address",
                ));
            }
        };
        let token = match &task.settings.slack_token {
            Ok(Some(token)) => token.clone(),
            Ok(None) => return Err(not_configured("System Settings, slack_token is empty")),
            Err(problem) => return Err(not_configured(&problem.to_string())),
        };
        let mut body = messages::slack(&self.composer.message(&task)?);
        let username = task.settings.settings.slack_username.trim();
        if !username.is_empty() {
            body["username"] = json!(username);
        }
        Ok(SlackMessage {
            id: task.job.id,
            token,
            to,
            body,
        })
    }

    async fn deliver(&self, message: &SlackMessage) -> Outcome {
        self.send(message).await.unwrap_or_else(|outcome| outcome)
    }
}

/// A person mends the settings, and the message is as good after that.
fn not_configured(detail: &str) -> Outcome {
    Outcome::retry(Reason::NotConfigured, detail)
}
