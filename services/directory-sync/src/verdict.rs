//! What is to be done with a message once the database has spoken: pure, but for the log.

use chassis::broker::{Headers, Incoming, Outgoing};
use chassis::ladder::Ladder;
use chrono::Utc;
use proto_events::{DirectoryChange, Names, Reason, Service, directory_change};
use store::{DeadLetter, Fate};

use crate::count::Outcome;
use crate::reading::Ground;

/// How often a change waits for what it hangs below: with the usual ladder 5 s, 30 s, 2 min
/// and 10 min, which is longer than a bulk load needs to get over its own disorder.
pub(crate) const WAITS: u32 = 4;

/// What is to be done with a message.
pub(crate) enum Verdict {
    /// Nothing more.
    Done(Outcome),
    /// A copy of it goes to the ladder.
    Wait,
    /// It is given up.
    Dead(Ground),
}

/// What a change comes to that is at this attempt.
pub(crate) fn verdict(change: &DirectoryChange, attempt: u32, fate: Fate) -> Verdict {
    let DirectoryChange { kind, subject, .. } = change;
    match fate {
        Fate::Applied => Verdict::Done(Outcome::Applied),
        Fate::Superseded => Verdict::Done(Outcome::Superseded),
        Fate::Obsolete(why) => {
            tracing::info!(kind = kind.as_str(), object = %subject, why, "a change is of no use any more");
            Verdict::Done(Outcome::Obsolete)
        }
        Fate::Waits(why) if attempt <= WAITS => {
            tracing::info!(kind = kind.as_str(), object = %subject, attempt, why, "a change waits");
            Verdict::Wait
        }
        Fate::Waits(why) => {
            let detail = format!(
                "{kind} {subject}: {why}; it was tried {attempt} times in vain. Have what is missing published, then replay this letter"
            );
            Verdict::Dead((Reason::Expired, detail))
        }
        Fate::Refused(why) => Verdict::Dead((Reason::Refused, format!("{kind} {subject}: {why}"))),
    }
}

/// The copy of a message that waits on the ladder.
pub(crate) fn copy(message: &Incoming, names: &Names, ladder: &Ladder) -> Outgoing {
    let Headers {
        attempt,
        first_published,
        ..
    } = message.headers;
    let seconds = ladder.rung_after(attempt, None, false);
    Outgoing {
        exchange: names.retry(),
        routing_key: Names::rung_key(Service::DirectorySync, seconds),
        content_type: directory_change::CONTENT_TYPE,
        message_id: message.message_id.clone().unwrap_or_default(),
        headers: Headers {
            attempt: attempt.saturating_add(1),
            first_published: first_published.or_else(|| Some(Utc::now().timestamp_millis())),
            ..message.headers.clone()
        },
        body: message.body.clone(),
    }
}

/// A message that is given up, with everything that is needed to understand and to replay it.
pub(crate) fn dead_letter(message: &Incoming, (reason, detail): Ground) -> DeadLetter {
    tracing::warn!(
        reason = reason.as_str(),
        detail,
        "a change of the directory was given up; see the dead letters"
    );
    DeadLetter {
        service: Service::DirectorySync,
        job: None,
        event: None,
        destination: None,
        body: message.body.clone(),
        headers: serde_json::json!({
            "attempt": message.headers.attempt,
            "first_published": message.headers.first_published,
            "content_type": message.content_type,
        }),
        reason,
        detail,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is the way to fail a test")]
mod tests {
    use super::*;

    fn verdict_at(attempt: u32, fate: Fate) -> Verdict {
        let change = br#"{"kind": "membership", "action": "upsert", "at": "2026-11-20T08:00:00Z",
                          "object": {"member": {"user": 2}, "of": {"product": 7}}}"#;
        verdict(
            &DirectoryChange::parse(change, Utc::now()).unwrap(),
            attempt,
            fate,
        )
    }

    fn unknown() -> Fate {
        Fate::Waits("product 7 is not known".to_owned())
    }

    #[test]
    fn a_change_waits_four_times_and_is_then_given_up_with_what_it_waited_for() {
        for attempt in 1..=WAITS {
            assert!(matches!(verdict_at(attempt, unknown()), Verdict::Wait));
        }
        let Verdict::Dead((Reason::Expired, detail)) = verdict_at(WAITS + 1, unknown()) else {
            unreachable!("it is given up")
        };
        assert!(detail.starts_with("membership user 2 of product 7: product 7 is not known"));
    }

    #[test]
    fn what_is_obsolete_is_neither_waited_for_nor_given_up() {
        let fate = Fate::Obsolete("product 7 was deleted".to_owned());
        let verdict = verdict_at(1, fate);
        assert!(matches!(verdict, Verdict::Done(Outcome::Obsolete)));
    }
}
