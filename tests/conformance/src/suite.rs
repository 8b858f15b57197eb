//! The checks.

use std::future::Future;
use std::time::Duration;

use proto_events::{Outcome, Reason};

use crate::fault::Fault;

/// The longest wait that a receiver may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(10 * 3600);

/// How much of a flood may be on its way when the sender hangs up: kernel buffers, no more.
const FLOOD: usize = 16 * 1024 * 1024;

/// How long an attempt may take before the loop around it would cut it off
/// (`DD_ATTEMPT_TIMEOUT`); a channel's own deadline must come before it.
const ATTEMPT: Duration = Duration::from_secs(60);

/// What a sender makes of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It arrived.
    Delivered,
    /// A receiver took it without saying that it arrived.
    Accepted,
    /// It may succeed later.
    Retry(Reason),
    /// It never will.
    Rejected(Reason),
}

impl Meaning {
    /// What an outcome means.
    #[must_use]
    pub const fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Delivered(receipt) if receipt.accepted_only => Self::Accepted,
            Outcome::Delivered(_) => Self::Delivered,
            Outcome::Retry { reason, .. } => Self::Retry(*reason),
            Outcome::Rejected { reason, .. } => Self::Rejected(*reason),
        }
    }
}

/// A sender, as the suite sees it.
pub trait Subject {
    /// What must stand in no outcome: tokens, passwords, addresses that are secrets.
    const SECRETS: &'static [&'static str];

    /// What each status means to it, the good ones included.
    const STATUSES: &'static [(u16, Meaning)];

    /// Checks that do not apply to it, with the reason.
    const EXEMPT: &'static [(Check, &'static str)] = &[];

    /// One attempt at a receiver that does this. Says also how many bytes of a flood were
    /// taken, if it was one.
    fn against(&self, fault: Fault) -> impl Future<Output = (Outcome, Option<usize>)>;
}

/// A promise that every sender makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// A receiver that takes the message has it.
    Delivers,
    /// Each status has the one meaning of the sender's table.
    Statuses,
    /// `Retry-After` is obeyed, in seconds and as a date, for 10 h at most.
    RetryAfter,
    /// A receiver that says nothing, or never ends its answer, costs one deadline.
    Deadline,
    /// A broken exchange is retried: the message is as good as before.
    BrokenExchange,
    /// A certificate that is not to be trusted gets nothing.
    Tls,
    /// An answer is read to a limit and let go.
    BodyLimit,
    /// No outcome holds a secret.
    Secrets,
}

impl Check {
    /// Every check.
    pub const ALL: [Self; 8] = [
        Self::Delivers,
        Self::Statuses,
        Self::RetryAfter,
        Self::Deadline,
        Self::BrokenExchange,
        Self::Tls,
        Self::BodyLimit,
        Self::Secrets,
    ];
}

/// A promise that a sender breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which.
    pub check: Check,
    /// What was seen.
    pub seen: String,
}

/// Makes every check that applies, and gives what failed. Must run on a current-thread
/// runtime, whose clock can be stopped.
pub async fn conform<S: Subject>(subject: &S) -> Vec<Failure> {
    let mut failures = Vec::new();
    for check in Check::ALL {
        if is_exempt::<S>(check) {
            continue;
        }
        let seen = match check {
            Check::Delivers => delivers(subject).await,
            Check::Statuses => statuses(subject).await,
            Check::RetryAfter => retry_after(subject).await,
            Check::Deadline => deadline(subject).await,
            Check::BrokenExchange => broken_exchange(subject).await,
            Check::Tls => tls(subject).await,
            Check::BodyLimit => body_limit(subject).await,
            Check::Secrets => secrets(subject).await,
        };
        failures.extend(seen.err().map(|seen| Failure { check, seen }));
    }
    failures
}

async fn delivers<S: Subject>(subject: &S) -> Result<(), String> {
    let (outcome, _) = subject.against(Fault::None).await;
    match Meaning::of(&outcome) {
        Meaning::Delivered | Meaning::Accepted => Ok(()),
        other => Err(format!("a message that was taken is {other:?}")),
    }
}

async fn statuses<S: Subject>(subject: &S) -> Result<(), String> {
    for (status, meaning) in S::STATUSES {
        let (outcome, _) = subject.against(Fault::Status(*status)).await;
        same(&format!("status {status}"), &outcome, *meaning)?;
    }
    Ok(())
}

async fn retry_after<S: Subject>(subject: &S) -> Result<(), String> {
    let cases = [
        ("7", Some(Duration::from_secs(7))),
        ("Thu, 01 Jan 1970 00:00:00 GMT", Some(Duration::ZERO)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", Some(LONGEST_WAIT)),
        ("99999999999", Some(LONGEST_WAIT)),
        ("soon", None),
    ];
    for (value, expected) in cases {
        let (outcome, _) = subject.against(Fault::RetryAfter(value)).await;
        match outcome {
            Outcome::Retry {
                reason: Reason::RateLimited,
                after,
                ..
            } if after == expected => {}
            other => return Err(format!("Retry-After {value}: {other:?}")),
        }
    }
    Ok(())
}

async fn deadline<S: Subject>(subject: &S) -> Result<(), String> {
    for fault in [Fault::Silent, Fault::SlowBody] {
        match within_time(subject, fault).await {
            Some((outcome, _)) => same(
                &format!("{fault:?}"),
                &outcome,
                Meaning::Retry(Reason::Timeout),
            )?,
            None => return Err(format!("{fault:?}: no outcome within {ATTEMPT:?}")),
        }
    }
    Ok(())
}

async fn broken_exchange<S: Subject>(subject: &S) -> Result<(), String> {
    for fault in [Fault::HangsUp, Fault::Garbage, Fault::Refuses] {
        let (outcome, _) = subject.against(fault).await;
        match Meaning::of(&outcome) {
            Meaning::Retry(Reason::Connection | Reason::BadResponse) => {}
            other => return Err(format!("{fault:?}: {other:?}")),
        }
    }
    Ok(())
}

async fn tls<S: Subject>(subject: &S) -> Result<(), String> {
    for fault in [Fault::UnknownIssuer, Fault::OtherName] {
        let (outcome, _) = subject.against(fault).await;
        same(&format!("{fault:?}"), &outcome, Meaning::Retry(Reason::Tls))?;
    }
    Ok(())
}

async fn body_limit<S: Subject>(subject: &S) -> Result<(), String> {
    match subject.against(Fault::Flood).await {
        (_, Some(taken)) if taken < FLOOD => Ok(()),
        (outcome, taken) => Err(format!("{taken:?} bytes of 10 GB were taken: {outcome:?}")),
    }
}

async fn secrets<S: Subject>(subject: &S) -> Result<(), String> {
    let statuses = S::STATUSES.iter().map(|(status, _)| Fault::Status(*status));
    let others = [
        (Check::RetryAfter, Fault::RetryAfter("7")),
        (Check::Deadline, Fault::Silent),
        (Check::Deadline, Fault::SlowBody),
        (Check::BodyLimit, Fault::Flood),
        (Check::BrokenExchange, Fault::HangsUp),
        (Check::BrokenExchange, Fault::Garbage),
        (Check::BrokenExchange, Fault::Refuses),
        (Check::Tls, Fault::UnknownIssuer),
        (Check::Tls, Fault::OtherName),
    ];
    let others = others
        .into_iter()
        .filter(|(check, _)| !is_exempt::<S>(*check))
        .map(|(_, fault)| fault);
    for fault in statuses.chain(others) {
        // What hangs for good is the deadline's to tell.
        let Some((outcome, _)) = within_time(subject, fault).await else {
            continue;
        };
        let told = format!("{outcome:?}");
        if S::SECRETS.iter().any(|secret| told.contains(secret)) {
            // Not repeated here: a test's output is a log too.
            return Err(format!("{fault:?}: the outcome holds a secret"));
        }
    }
    Ok(())
}

fn is_exempt<S: Subject>(check: Check) -> bool {
    S::EXEMPT.iter().any(|(exempt, _)| *exempt == check)
}

/// An attempt at a receiver that may never answer; none if the attempt has no end either.
async fn within_time<S: Subject>(subject: &S, fault: Fault) -> Option<(Outcome, Option<usize>)> {
    if !matches!(fault, Fault::Silent | Fault::SlowBody) {
        return Some(subject.against(fault).await);
    }
    // The clock stands still and jumps to the next deadline whenever nothing else happens.
    tokio::time::pause();
    let attempt = tokio::time::timeout(ATTEMPT, subject.against(fault)).await;
    tokio::time::resume();
    attempt.ok()
}

fn same(what: &str, outcome: &Outcome, expected: Meaning) -> Result<(), String> {
    if Meaning::of(outcome) == expected {
        return Ok(());
    }
    Err(format!("{what}: {outcome:?} is not {expected:?}"))
}
