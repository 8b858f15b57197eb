//! `DD_EMAIL_URL`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is the way to fail a test"
)]

use relay::{EmailUrl, RelayUrl, Security};
use secrecy::ExposeSecret;

fn relay(text: &str) -> (Security, String, u16) {
    match text.parse() {
        Ok(EmailUrl::Relay(relay)) => (relay.security, relay.host, relay.port),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn the_scheme_says_how_the_connection_is_secured() {
    let host = || "mail.example.com".to_owned();
    assert_eq!(
        relay("smtp://mail.example.com"),
        (Security::Plain, host(), 25)
    );
    assert_eq!(
        relay("smtp+tls://mail.example.com"),
        (Security::StartTls, host(), 587)
    );
    assert_eq!(
        relay("smtp+ssl://mail.example.com"),
        (Security::Implicit, host(), 465)
    );
    assert_eq!(
        relay("smtps://mail.example.com:2525"),
        (Security::StartTls, host(), 2525)
    );
    assert_eq!(
        relay("smtps://mail.example.com:465"),
        (Security::Implicit, host(), 465)
    );
    assert_eq!(
        relay("smtp://[::1]:2525"),
        (Security::Plain, "::1".to_owned(), 2525)
    );
    assert!(matches!("consolemail://".parse(), Ok(EmailUrl::Console)));
}

#[test]
fn user_and_password_are_decoded_and_never_shown() {
    let url: EmailUrl = "smtp+tls://me%40example.com:p%3Ass@mail.example.com"
        .parse()
        .unwrap();
    let EmailUrl::Relay(RelayUrl {
        login: Some(login), ..
    }) = &url
    else {
        panic!("no login: {url:?}")
    };
    assert_eq!(
        (login.user.as_str(), login.password.expose_secret()),
        ("me@example.com", "p:ss")
    );
    assert!(!format!("{url:?}").contains("p:ss"));
}

#[test]
fn what_is_no_way_to_send_mail_is_refused_with_the_form() {
    for text in ["", "mail.example.com", "http://mail.example.com", "smtp://"] {
        let problem = text.parse::<EmailUrl>().unwrap_err();
        assert!(problem.contains("smtp[+tls|+ssl]://"), "{text}: {problem}");
    }
}
