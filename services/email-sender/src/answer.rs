//! What the relay meant.

use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::Response;
use proto_events::{Outcome, Reason, Receipt};

/// The relay took the mail.
#[must_use]
pub fn accepted(response: &Response) -> Outcome {
    Outcome::Delivered(Receipt {
        accepted_only: false,
        provider_id: response
            .first_line()
            .map(|line| line.chars().take(200).collect()),
        status: response.code().to_string().parse().ok(),
    })
}

/// The relay did not: 4yz may pass, 5yz would come again (RFC 5321, 4.2.1), a lost
/// connection counts as 451.
#[must_use]
pub fn refused(error: &Error) -> Outcome {
    let detail = describe(error);
    let retry = |reason| Outcome::Retry {
        reason,
        detail: detail.clone(),
        after: None,
    };
    match error.status().map(|code| code.to_string()) {
        Some(code) if error.is_permanent() => {
            let reason = match code.as_str() {
                "530" | "534" | "535" | "538" => Reason::Unauthorized,
                "510" | "511" | "513" | "550" | "551" | "553" | "556" => Reason::InvalidAddress,
                "552" => Reason::TooLarge,
                _ => Reason::Refused,
            };
            // A wrong password is mended by a person, and the mail is as good after that.
            if reason == Reason::Unauthorized {
                retry(reason)
            } else {
                Outcome::Rejected { reason, detail }
            }
        }
        Some(code) if code == "421" || code == "450" || code == "451" => {
            retry(Reason::ReceiverError)
        }
        Some(code) if code == "454" => retry(Reason::Unauthorized),
        Some(_) => retry(Reason::ReceiverError),
        None if error.is_timeout() => retry(Reason::Timeout),
        None if error.is_tls() => retry(Reason::Tls),
        None if error.is_client() => retry(Reason::NotConfigured),
        None => retry(Reason::Connection),
    }
}

/// The relay's words, which may hold the address: cut, and without it.
fn describe(error: &Error) -> String {
    let mut words = vec![error.to_string()];
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_words = cause.to_string();
        // lettre repeats the cause's words in its own.
        if !words.iter().any(|known| known.contains(&cause_words)) {
            words.push(cause_words);
        }
        source = cause.source();
    }
    let text = words.join(": ");
    let without_addresses = text.split_whitespace().map(|word| {
        if word.contains('@') {
            "<address>"
        } else {
            word
        }
    });
    without_addresses
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(500)
        .collect()
}
