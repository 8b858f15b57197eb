//! What the API says no with, in words that help. The token is in none of them.

use reqwest::StatusCode;
use serde_json::Value;

/// Why a request has no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// The token is none, or is none any more.
    #[error(
        "DefectDojo does not take the token (HTTP {status} at {path}: {detail}); give one that is in force, from the API v2 key page of a superuser"
    )]
    Token {
        /// Path of the request.
        path: String,
        /// HTTP status.
        status: u16,
        /// What DefectDojo says.
        detail: String,
    },
    /// The token's user may not read this.
    #[error(
        "the token's user may not read {path} (HTTP 403: {detail}); give the token of a superuser"
    )]
    Forbidden {
        /// Path of the request.
        path: String,
        /// What DefectDojo says.
        detail: String,
    },
    /// There is no such thing.
    #[error("there is no {path} (HTTP 404); is --url the address of a DefectDojo?")]
    Missing {
        /// Path of the request.
        path: String,
    },
    /// It is elsewhere; the token is not sent after it.
    #[error("{path} is redirected to {to}; if that is your DefectDojo, give its address as --url")]
    Redirected {
        /// Path of the request.
        path: String,
        /// Where to.
        to: String,
    },
    /// It was tried as often as it may be.
    #[error("{path} was asked for {attempts} times, last with {last}")]
    GivenUp {
        /// Path of the request.
        path: String,
        /// How often it was tried.
        attempts: u32,
        /// How the last attempt ended.
        last: String,
    },
    /// The answer makes no sense.
    #[error("{path} was answered with {problem}; is --url the address of a DefectDojo?")]
    Nonsense {
        /// Path of the request.
        path: String,
        /// What came.
        problem: String,
    },
}

impl ApiError {
    /// What a status that is neither good nor temporary comes to.
    pub(super) fn of(path: &str, status: StatusCode, location: Option<&str>, body: &str) -> Self {
        let path = path.to_owned();
        let detail = detail(body);
        match status {
            // DefectDojo says 403 for a bad token too; only the words tell the two apart.
            StatusCode::FORBIDDEN if detail.contains("permission") => {
                Self::Forbidden { path, detail }
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Self::Token {
                path,
                status: status.as_u16(),
                detail,
            },
            StatusCode::NOT_FOUND => Self::Missing { path },
            _ if status.is_redirection() => Self::Redirected {
                path,
                to: location.unwrap_or("an unknown place").to_owned(),
            },
            _ => Self::Nonsense {
                path,
                problem: format!("HTTP {}: {detail}", status.as_u16()),
            },
        }
    }
}

/// The sentence that an error's body holds, or its beginning.
pub(super) fn detail(body: &str) -> String {
    let said: Option<Value> = serde_json::from_str(body).ok();
    let said = said.and_then(|body| Some(body.get("detail")?.as_str()?.to_owned()));
    let text = said.unwrap_or_else(|| body.trim().to_owned());
    let short: String = text.chars().take(200).collect();
    if short.is_empty() {
        "no further words".to_owned()
    } else {
        crate::screen::printable(&short)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> String {
        let status = StatusCode::from_u16(status).unwrap_or_default();
        ApiError::of("api/v2/users/", status, None, body).to_string()
    }

    #[test]
    fn a_bad_token_is_told_from_a_missing_right() {
        let bad = of(403, r#"{"detail":"Invalid token."}"#);
        assert!(bad.starts_with(
            "DefectDojo does not take the token (HTTP 403 at api/v2/users/: Invalid token.)"
        ));
        let right = r#"{"detail":"You do not have permission to perform this action."}"#;
        assert!(of(403, right).starts_with("the token's user may not read api/v2/users/"));
        assert!(of(401, "").contains("does not take the token"));
    }

    #[test]
    fn a_page_of_html_is_cut_and_cannot_move_the_cursor() {
        let page = format!("<html>\u{1b}[2J{}", "x".repeat(5000));
        assert!(of(400, &page).len() < 400);
        assert!(!of(400, &page).contains('\u{1b}'));
    }
}
