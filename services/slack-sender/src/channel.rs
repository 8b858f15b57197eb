//! One Slack message.

use std::num::NonZeroU32;
use std::time::Duration;

use chrono::Utc;
use delivery::http::{self, Answer, Body};
use delivery::{Channel, Composer, Scope, Task};
use proto_events::{JobId, Outcome, Reason, Receipt};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use store::{Place, SlackLookup, SlackThread, Store};

use crate::answer;
use crate::config::Config;
use crate::person::{Known, known};

/// How long one exchange with Slack may take (DefectDojo `DD_REQUESTS_TIMEOUT`).
const DEADLINE: Duration = Duration::from_secs(30);

/// Slack's Web API.
pub struct SlackChannel {
    composer: Composer,
    client: Client,
    store: Store,
    api: String,
    /// Whether messages about an engagement stand in one thread.
    threads: bool,
}

/// A message, who sends it and where it goes.
pub struct SlackMessage {
    id: JobId,
    token: SecretString,
    to: To,
    body: Value,
}

/// What `chat.postMessage` is called with.
#[derive(Serialize)]
struct Arguments<'a> {
    channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_ts: Option<&'a str>,
    #[serde(flatten)]
    body: &'a Value,
}

enum To {
    /// A channel's name or id, and the thread there that the message belongs to.
    Channel(String, Option<SlackThread>),
    /// A person whose id is known, or can be looked up.
    Person(Person, Known),
}

/// Whom an id can be looked up for.
struct Person {
    user: i64,
    email: String,
}

impl SlackChannel {
    /// Makes the channel.
    ///
    /// # Errors
    /// If a template is broken, or the HTTP client cannot be made.
    pub fn new(config: &Config, store: &Store) -> anyhow::Result<Self> {
        Ok(Self {
            composer: Composer::new(&config.delivery)?,
            client: http::client(&config.delivery)?,
            store: store.clone(),
            api: config.slack_api_url.trim_end_matches('/').to_owned(),
            threads: config.slack_threads,
        })
    }

    /// The id that Slack knows a person's address by. Kept, as is that nobody has it.
    async fn look_up(&self, token: &SecretString, person: &Person) -> Result<String, Outcome> {
        let request = self
            .client
            .post(format!("{}/users.lookupByEmail", self.api))
            .bearer_auth(token.expose_secret())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(
                url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("email", &person.email)
                    .finish(),
            );
        let answer = http::exchange(request, DEADLINE, Body::Decides).await?;
        let found = answer::found(&answer);
        if found.is_ok() || answer::missed(&answer) {
            let lookup = SlackLookup {
                id: found.as_ref().ok().cloned(),
                at: Utc::now(),
            };
            let kept = self
                .store
                .remember_slack_lookup(person.user, &person.email, &lookup);
            if let Err(error) = kept.await {
                tracing::warn!(%error, user = person.user, "what Slack said of a person could not be kept; it is looked up again next time");
            }
        }
        found
    }

    /// One `chat.postMessage`; once more as plain text if Slack takes offence at the blocks.
    async fn post(
        &self,
        message: &SlackMessage,
        to: &str,
        thread: Option<&str>,
    ) -> Result<Answer, Outcome> {
        let with = |body| Arguments {
            channel: to,
            thread_ts: thread,
            body,
        };
        let answer = self.call(message, with(&message.body)).await?;
        if !answer::refuses_blocks(&answer) {
            return Ok(answer);
        }
        // A fault of ours, or a new rule of Slack's: worth a look, not worth a message.
        tracing::warn!(job.id = %message.id, "Slack refuses the message's blocks; it goes as plain text");
        let mut plain = message.body.clone();
        if let Some(arguments) = plain.as_object_mut() {
            arguments.remove("blocks");
        }
        self.call(message, with(&plain)).await
    }

    async fn call(
        &self,
        message: &SlackMessage,
        arguments: Arguments<'_>,
    ) -> Result<Answer, Outcome> {
        let request = self
            .client
            .post(format!("{}/chat.postMessage", self.api))
            .bearer_auth(message.token.expose_secret())
            .header(http::IDEMPOTENCY_KEY, message.id.to_string())
            .json(&arguments);
        http::exchange(request, DEADLINE, Body::Decides).await
    }

    async fn send(&self, message: &SlackMessage) -> Result<Outcome, Outcome> {
        match &message.to {
            To::Channel(channel, None) => {
                let answer = self.post(message, channel, None).await?;
                Ok(answer::posted(&answer))
            }
            To::Channel(channel, Some(thread)) => self.to_thread(message, channel, thread).await,
            To::Person(person, known) => self.to_person(message, person, known).await,
        }
    }

    /// Posts into the thread, or as the message that begins it. Two that begin one at once
    /// both arrive; the thread goes on below the one that was written down first.
    async fn to_thread(
        &self,
        message: &SlackMessage,
        channel: &str,
        thread: &SlackThread,
    ) -> Result<Outcome, Outcome> {
        let begun = self.store.slack_thread(thread).await.unwrap_or_else(|error| {
            tracing::warn!(%error, job.id = %message.id, "the thread could not be read; the message goes outside of it");
            None
        });
        if let Some(begun) = &begun {
            let answer = self.post(message, channel, Some(begun)).await?;
            if !answer::refuses_thread(&answer) {
                return Ok(answer::posted(&answer));
            }
        }
        let outcome = answer::posted(&self.post(message, channel, None).await?);
        if let Outcome::Delivered(Receipt {
            provider_id: Some(ts),
            ..
        }) = &outcome
            && let Err(error) = self
                .store
                .begin_slack_thread(thread, ts, begun.as_deref())
                .await
        {
            tracing::warn!(%error, job.id = %message.id, "the thread could not be kept; the next message begins another");
        }
        Ok(outcome)
    }

    /// Writes to a person; where Slack knows nobody by the id any more, the address is asked for.
    async fn to_person(
        &self,
        message: &SlackMessage,
        person: &Person,
        known: &Known,
    ) -> Result<Outcome, Outcome> {
        let answer = match known {
            Known::Nobody => {
                return Err(Outcome::rejected(
                    Reason::RecipientGone,
                    "within the last hour, Slack said users_not_found; nobody there has the person's Slack address",
                ));
            }
            Known::Nothing => {
                let id = self.look_up(&message.token, person).await?;
                self.post(message, &id, None).await?
            }
            Known::Id { id, fresh } => {
                let answer = self.post(message, id, None).await?;
                if *fresh || !answer::knows_nobody(&answer) {
                    answer
                } else {
                    let found = self.look_up(&message.token, person).await?;
                    if found == *id {
                        answer
                    } else {
                        self.post(message, &found, None).await?
                    }
                }
            }
        };
        Ok(answer::posted_to_person(&answer))
    }

    /// The thread that a message to a channel belongs to.
    fn thread(&self, task: &Task, channel: &str) -> Option<SlackThread> {
        let (address, engagement) = (task.job.to.address()?, task.event.data.engagement.as_ref()?);
        self.threads.then(|| SlackThread {
            destination: address.destination,
            engagement: engagement.id,
            channel: channel.to_owned(),
        })
    }

    /// Where a message goes.
    fn to(&self, task: &Task) -> Option<To> {
        match &task.place {
            Place::SlackChannel { channel } => {
                Some(To::Channel(channel.clone(), self.thread(task, channel)))
            }
            Place::SlackUser {
                user_id,
                email,
                lookup,
            } => {
                let known = known(user_id.as_deref(), lookup.as_ref(), Utc::now());
                let user = task.job.to.address()?.recipient.as_ref()?.id;
                let email = email.clone();
                Some(To::Person(Person { user, email }, known))
            }
            _ => None,
        }
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
        let to = self.to(&task).ok_or_else(|| {
            Outcome::rejected(
                Reason::RecipientGone,
                "the channel is not set any more, or the recipient is gone, inactive, or has no Slack address",
            )
        })?;
        let token = match &task.settings.slack_token {
            Ok(Some(token)) => token.clone(),
            Ok(None) => return Err(not_configured("System Settings, slack_token is empty")),
            Err(problem) => return Err(not_configured(&problem.to_string())),
        };
        let mut body = messages::slack(&self.composer.message(&task)?);
        let username = task.settings.settings.slack_username.trim();
        if !username.is_empty() {
            body["username"] = username.into();
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
