//! What the relay meant.

use std::io;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::Response;
use proto_events::{Outcome, Reason, Receipt};
use relay::OpenError;

use crate::relay::Refusal;

/// The relay took the mail.
#[must_use]
pub fn accepted(response: &Response) -> Outcome {
    Outcome::Delivered(Receipt {
        accepted_only: false,
        provider_id: response
            .first_line()
            .map(|line| without_addresses(line, 200)),
        status: response.code().to_string().parse().ok(),
    })
}

/// The relay did not: 4yz may pass, 5yz would come again (RFC 5321, 4.2.1), a lost
/// connection counts as 451.
#[must_use]
pub fn refused(refusal: &Refusal) -> Outcome {
    match refusal {
        // A person mends what the relay has against us, and the mail is as good after that.
        Refusal::Opening(error) => Outcome::retry(opening(error), describe(error)),
        Refusal::Sending(error) => sending(error),
        Refusal::OutOfStep(response) => Outcome::retry(
            Reason::BadResponse,
            format!("the relay answers a whole mail with {}", response.code()),
        ),
    }
}

fn opening(error: &OpenError) -> Reason {
    let OpenError::Speaking(said) = error else {
        return broken(error);
    };
    match code(said).as_deref() {
        Some("454" | "530" | "534" | "535" | "538") => Reason::Unauthorized,
        Some(_) => Reason::ReceiverError,
        // No STARTTLS or no way to log in: the address asks for what the relay has not.
        None if said.is_client() => Reason::NotConfigured,
        None => broken(said),
    }
}

fn sending(error: &Error) -> Outcome {
    let detail = describe(error);
    let rejected = match code(error).as_deref() {
        // A wrong password, too, is mended by a person. A 454 is not one here, but a relay's no to
        // one recipient (Postfix' `defer_unauth_destination`).
        Some("530" | "534" | "535" | "538") => {
            return Outcome::retry(Reason::Unauthorized, detail);
        }
        Some(_) if !error.is_permanent() => {
            return Outcome::retry(Reason::ReceiverError, detail);
        }
        Some("510" | "511" | "513" | "550" | "551" | "553" | "556") => Reason::InvalidAddress,
        Some("552") => Reason::TooLarge,
        Some(_) => Reason::Refused,
        // Letters beyond ASCII in the address, and the relay has no SMTPUTF8 (RFC 6531).
        None if error.is_client() => Reason::InvalidAddress,
        None => return Outcome::retry(broken(error), detail),
    };
    Outcome::rejected(rejected, detail)
}

/// The reply code, if the relay gave one.
fn code(error: &Error) -> Option<String> {
    error.status().map(|code| code.to_string())
}

/// What broke where there is no reply code. lettre has no kinds for most of it.
fn broken(error: &Cause) -> Reason {
    let system = causes(error).find_map(|cause| cause.downcast_ref::<io::Error>());
    let kind = system.map(io::Error::kind);
    let tls = system
        .and_then(io::Error::get_ref)
        .is_some_and(|inner| inner.is::<rustls::Error>());
    let smtp = causes(error).find_map(|cause| cause.downcast_ref::<Error>());
    let text = described(error);
    if kind == Some(io::ErrorKind::TimedOut) {
        Reason::Timeout
    } else if tls || smtp.is_some_and(Error::is_tls) || text.contains("tls handshake") {
        Reason::Tls
    } else if text.contains("lookup address") {
        Reason::Dns
    } else if text.contains("incomplete response") {
        // It hung up within its answer, or instead of one.
        Reason::Connection
    } else if kind == Some(io::ErrorKind::InvalidData) || smtp.is_some_and(Error::is_response) {
        Reason::BadResponse
    } else {
        Reason::Connection
    }
}

type Cause = dyn std::error::Error + 'static;

/// An error and what caused it.
fn causes(error: &Cause) -> impl Iterator<Item = &Cause> {
    std::iter::successors(Some(error), |&cause| cause.source())
}

/// The relay's words.
fn describe(error: &Cause) -> String {
    without_addresses(&described(error), 500)
}

fn described(error: &Cause) -> String {
    let mut words: Vec<String> = Vec::new();
    for cause in causes(error) {
        let cause_words = cause.to_string();
        // lettre repeats the cause's words in its own.
        if !words.iter().any(|known| known.contains(&cause_words)) {
            words.push(cause_words);
        }
    }
    words.join(": ")
}

/// A relay's words without addresses, which are personal, cut to so many characters.
fn without_addresses(text: &str, length: usize) -> String {
    let words = text.split_whitespace().map(|word| {
        if word.contains('@') {
            "<address>"
        } else {
            word
        }
    });
    words
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(length)
        .collect()
}
