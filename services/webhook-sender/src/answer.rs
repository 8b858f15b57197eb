//! What an endpoint meant (DefectDojo `notifications/helper.py`, with its temporary errors widened).

use delivery::http::{self, Answer};
use proto_events::{Outcome, Reason};

/// Judges an answer. 5xx, 408, 425, 429 and redirects may pass. Any other 4xx says no to
/// whatever is sent there, but for 413, 414, 422 and 431, which say no to this message: its size, its
/// content, or the length of its event's name. Unlike Slack or
/// Teams, an endpoint that refuses its credentials is not waited for.
#[must_use]
pub fn judge(answer: &Answer) -> Outcome {
    let status = answer.status.as_u16();
    let said = match &answer.location {
        Some(location) if answer.status.is_redirection() => {
            let location = without_secrets(location);
            format!(
                "Response status code: {status}; it points to {location}, and redirects are not followed"
            )
        }
        _ => format!("Response status code: {status}"),
    };
    match http::judge(answer) {
        Outcome::Retry {
            reason: Reason::Unauthorized,
            ..
        } => Outcome::rejected(Reason::Unauthorized, said),
        Outcome::Retry { reason, after, .. } => Outcome::Retry {
            reason,
            detail: said,
            after,
        },
        Outcome::Rejected { .. } if matches!(status, 414 | 431) => {
            Outcome::rejected(Reason::TooLarge, said)
        }
        Outcome::Rejected {
            reason: Reason::Refused,
            ..
        } if status != 422 => Outcome::rejected(Reason::EndpointRefuses, said),
        Outcome::Rejected { reason, .. } => Outcome::rejected(reason, said),
        delivered @ Outcome::Delivered(_) => delivered,
    }
}

/// An address without what may be secret in it: its user, password and query.
fn without_secrets(location: &str) -> String {
    let address = location.split(['?', '#']).next().unwrap_or_default();
    let printable: String = address.chars().filter(|it| !it.is_control()).collect();
    match printable.split_once("//") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}//{host}{path}")
        }
        None => printable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_without_its_query_and_credentials() {
        for (location, told) in [
            (
                "https://a:b@siem.example/new?token=1",
                "https://siem.example/new",
            ),
            ("/elsewhere#part", "/elsewhere"),
            ("//siem.example", "//siem.example"),
            ("https://siem.example?token=1", "https://siem.example"),
            ("", ""),
        ] {
            assert_eq!(without_secrets(location), told);
        }
    }
}
