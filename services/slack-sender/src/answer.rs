//! What Slack meant. HTTP 200 says little: `ok` and `error` in the body decide
//! (docs.slack.dev, "Using the Slack Web API: evaluating responses").

use delivery::http::{self, Answer};
use proto_events::{Outcome, Reason, Receipt};
use serde::Deserialize;

/// Longest word of Slack's that is repeated in a detail (characters); its own are shorter.
const WORD_CHARS: usize = 80;

/// The members of Slack's answers that are read.
#[derive(Debug, Default, Deserialize)]
struct Body {
    ok: bool,
    error: Option<String>,
    /// The scope that the token lacks, with `missing_scope`.
    needed: Option<String>,
    ts: Option<String>,
    user: Option<FoundUser>,
}

#[derive(Debug, Deserialize)]
struct FoundUser {
    id: String,
}

/// Judges an answer to `chat.postMessage`.
#[must_use]
pub fn posted(answer: &Answer) -> Outcome {
    match read(answer) {
        Ok(body) => Outcome::Delivered(Receipt {
            accepted_only: false,
            provider_id: body.ts,
            status: Some(answer.status.as_u16()),
        }),
        Err(outcome) => outcome,
    }
}

/// Judges an answer to `chat.postMessage` for a person: where Slack speaks of a channel, it means theirs.
#[must_use]
pub fn posted_to_person(answer: &Answer) -> Outcome {
    if knows_nobody(answer) {
        let word = error(answer).unwrap_or_default();
        return Outcome::rejected(
            Reason::RecipientGone,
            format!(
                "Slack says {word}; it has the person's address, and they cannot be written to"
            ),
        );
    }
    posted(answer)
}

/// The user id in an answer to `users.lookupByEmail`.
///
/// # Errors
/// The outcome of the attempt, if Slack did not give one.
pub fn found(answer: &Answer) -> Result<String, Outcome> {
    let body = read(answer)?;
    body.user.map(|user| user.id).ok_or_else(|| {
        Outcome::retry(
            Reason::BadResponse,
            "users.lookupByEmail: ok, but without a user",
        )
    })
}

/// Whether Slack took offence at the blocks alone: the same message is as good without
/// them (docs.slack.dev, `chat.postMessage`, errors).
#[must_use]
pub fn refuses_blocks(answer: &Answer) -> bool {
    matches!(
        error(answer).as_deref(),
        Some("invalid_blocks" | "invalid_blocks_format" | "msg_blocks_too_long")
    )
}

/// Whether Slack knows nobody under an id, or nobody who can be written to.
#[must_use]
pub fn knows_nobody(answer: &Answer) -> bool {
    matches!(
        error(answer).as_deref(),
        Some("channel_not_found" | "user_not_found" | "user_disabled" | "users_not_found")
    )
}

/// Whether nothing can be added to a thread any more: its first message was deleted, or the
/// thread was locked. The message is as good outside of it.
#[must_use]
pub fn refuses_thread(answer: &Answer) -> bool {
    matches!(
        error(answer).as_deref(),
        Some(
            "thread_not_found"
                | "message_not_found"
                | "cannot_reply_to_message"
                | "invalid_thread_ts"
                | "restricted_action_thread_locked"
        )
    )
}

/// Slack's word in an answer that is not `ok`.
fn error(answer: &Answer) -> Option<String> {
    let body: Body = serde_json::from_str(&answer.body).unwrap_or_default();
    body.error.filter(|_| !body.ok)
}

/// Whether an answer to `users.lookupByEmail` says that nobody has the address.
#[must_use]
pub fn missed(answer: &Answer) -> bool {
    error(answer).as_deref() == Some("users_not_found")
}

/// Reads an answer that says `ok`.
fn read(answer: &Answer) -> Result<Body, Outcome> {
    if !answer.status.is_success() {
        return Err(http::judge(answer));
    }
    let body: Body = serde_json::from_str(&answer.body).map_err(|_| {
        Outcome::retry(
            Reason::BadResponse,
            "HTTP 200, but the body is not Slack's JSON; if it goes on, look at DD_SLACK_API_URL and at what stands between",
        )
    })?;
    if body.ok {
        Ok(body)
    } else {
        Err(refused(&body, answer))
    }
}

/// Sorts Slack's error words into those that pass and those that stay.
fn refused(body: &Body, answer: &Answer) -> Outcome {
    let error = body.error.as_deref().unwrap_or("no error named");
    let detail = told(error, body.needed.as_deref());
    let retry = |reason| Outcome::Retry {
        reason,
        detail: detail.clone(),
        after: answer.retry_after,
    };
    let rejected = |reason| Outcome::Rejected {
        reason,
        detail: detail.clone(),
    };
    match error {
        "rate_limited" | "ratelimited" => retry(Reason::RateLimited),
        "request_timeout" => retry(Reason::Timeout),
        "service_unavailable" | "team_added_to_org" | "internal_error" | "fatal_error" => {
            retry(Reason::ReceiverError)
        }
        // A person mends the token, and the message is as good after that.
        "invalid_auth"
        | "not_authed"
        | "token_revoked"
        | "token_expired"
        | "account_inactive"
        | "missing_scope"
        | "no_permission"
        | "not_allowed_token_type" => retry(Reason::Unauthorized),
        "users_not_found" | "user_not_found" | "user_disabled" => rejected(Reason::RecipientGone),
        "channel_not_found" | "not_in_channel" | "is_archived" => rejected(Reason::EndpointGone),
        "msg_too_long" | "msg_blocks_too_long" => rejected(Reason::TooLarge),
        _ => rejected(Reason::Refused),
    }
}

/// What Slack said, and what a person can do about it.
fn told(error: &str, needed: Option<&str>) -> String {
    let word = |text: &str| text.chars().take(WORD_CHARS).collect::<String>();
    let advice = match error {
        "channel_not_found" => "; check the channel's name, and invite the app if it is private",
        "not_in_channel" => "; invite the app to the channel, or give it chat:write.public",
        "is_archived" => "; unarchive the channel or choose another",
        "missing_scope" => "; add the scope to the app and install it again",
        "invalid_auth" | "not_authed" | "token_revoked" | "token_expired" | "account_inactive" => {
            "; set the token of an app that is installed"
        }
        "users_not_found" => "; nobody there has the person's Slack address",
        _ => "",
    };
    match needed {
        Some(needed) => format!(
            "Slack says {} (needed: {}){advice}",
            word(error),
            word(needed)
        ),
        None => format!("Slack says {}{advice}", word(error)),
    }
}
