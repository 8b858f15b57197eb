//! TLS and logging in.
#![allow(clippy::unwrap_used, reason = "a panic is the way to fail a test")]

mod support;

use email_sender::channel::EmailChannel;
use proto_events::{Outcome, Reason};
use support::certificates::Certificate;
use support::relay::{Relay, Script};
use support::{deliver, detail, judged, sender};

/// A sender with a login, who trusts this certificate.
fn trusting(scheme: &str, relay: &Relay, trusted: &Certificate) -> EmailChannel {
    let url = format!("{scheme}://dojo:topsecret@localhost:{}", relay.port);
    let file = trusted.file();
    let file = file.to_str().unwrap();
    sender(&["--email-url", &url, "--extra-ca-file", file]).unwrap()
}

async fn relay_with(certificate: &Certificate, implicit: bool) -> Relay {
    Relay::start(vec![
        Script::default().tls(certificate.acceptor(), implicit),
    ])
    .await
}

/// The two ways, and whether TLS begins with the first byte.
const WAYS: [(&str, bool); 2] = [("smtp+tls", false), ("smtp+ssl", true)];

#[tokio::test]
async fn mail_goes_through_starttls_and_through_implicit_tls_and_logs_in_inside() {
    let certificate = Certificate::of("DNS:localhost");
    for (scheme, implicit) in WAYS {
        let relay = relay_with(&certificate, implicit).await;
        let channel = trusting(scheme, &relay, &certificate);
        for _ in 0..2 {
            let outcome = deliver(&channel).await;
            assert!(matches!(outcome, Outcome::Delivered(_)), "{outcome:?}");
        }
        // \0dojo\0topsecret
        assert_eq!(relay.count("AUTH PLAIN AGRvam8AdG9wc2VjcmV0"), 1);
        assert_eq!(relay.count("STARTTLS"), usize::from(!implicit));
        assert_eq!((relay.count("(open)"), relay.count("DATA")), (1, 2));
    }
}

#[tokio::test]
async fn a_wrong_certificate_gets_neither_password_nor_mail() {
    let trusted = Certificate::of("DNS:localhost");
    let strangers = [
        ("of another name", Certificate::of("DNS:elsewhere.example")),
        ("of nobody we trust", Certificate::of("DNS:localhost")),
    ];
    for (what, certificate) in &strangers {
        for (scheme, implicit) in WAYS {
            let relay = relay_with(certificate, implicit).await;
            // The one of another name is trusted as such.
            let known = match *what {
                "of another name" => certificate,
                _ => &trusted,
            };
            let outcome = deliver(&trusting(scheme, &relay, known)).await;
            assert_eq!(
                judged(&outcome),
                (false, Reason::Tls),
                "{what}: {outcome:?}"
            );
            assert!(detail(&outcome).contains("certificate"), "{outcome:?}");
            assert_eq!(relay.count("AUTH") + relay.count("MAIL"), 0, "{what}");
        }
    }
}

#[tokio::test]
async fn where_tls_is_asked_for_nothing_goes_without_it() {
    let trusted = Certificate::of("DNS:localhost");
    let plain = Relay::start(vec![Script::default()]).await;
    let outcome = deliver(&trusting("smtp+tls", &plain, &trusted)).await;
    assert_eq!(judged(&outcome), (false, Reason::NotConfigured));
    assert!(detail(&outcome).contains("STARTTLS is not supported"));
    let outcome = deliver(&trusting("smtp+ssl", &plain, &trusted)).await;
    assert_eq!(judged(&outcome), (false, Reason::Tls), "{outcome:?}");
    assert_eq!(plain.count("AUTH") + plain.count("MAIL"), 0);
}

#[tokio::test]
async fn what_is_said_beyond_the_answer_to_starttls_is_not_taken_for_an_answer_inside() {
    let certificate = Certificate::of("DNS:localhost");
    let script = Script::default().tls(certificate.acceptor(), false);
    let script = script.saying("STARTTLS", b"220 go\r\n250 taken\r\n");
    let relay = Relay::start(vec![script]).await;
    let outcome = deliver(&trusting("smtp+tls", &relay, &certificate)).await;
    assert_eq!(judged(&outcome), (false, Reason::BadResponse));
    assert!(detail(&outcome).contains("in the clear"), "{outcome:?}");
    assert_eq!(relay.count("AUTH") + relay.count("MAIL"), 0);
}

#[tokio::test]
async fn an_answer_without_an_end_is_left_inside_tls_too() {
    let certificate = Certificate::of("DNS:localhost");
    for (scheme, implicit) in WAYS {
        let script = Script::default().tls(certificate.acceptor(), implicit);
        let relay = Relay::start(vec![script.saying("MAIL", b"floods")]).await;
        let outcome = deliver(&trusting(scheme, &relay, &certificate)).await;
        let expected = (false, Reason::BadResponse);
        assert_eq!(judged(&outcome), expected, "{scheme}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_waits_for_somebody_to_correct_it_and_is_not_told() {
    let certificate = Certificate::of("DNS:localhost");
    let cases: [(&[u8], Reason); 4] = [
        (b"535 5.7.8 wrong\r\n", Reason::Unauthorized),
        (b"534 5.7.9 too weak\r\n", Reason::Unauthorized),
        (b"454 4.7.0 not now\r\n", Reason::Unauthorized),
        (b"421 closing\r\n", Reason::ReceiverError),
    ];
    for (answer, reason) in cases {
        let script = Script::default().tls(certificate.acceptor(), false);
        let relay = Relay::start(vec![script.saying("AUTH", answer)]).await;
        let outcome = deliver(&trusting("smtp+tls", &relay, &certificate)).await;
        assert_eq!(judged(&outcome), (false, reason), "{outcome:?}");
        assert!(!detail(&outcome).contains("topsecret"), "{outcome:?}");
        assert_eq!(relay.count("MAIL"), 0);
    }
}

#[tokio::test]
async fn a_relay_without_a_way_to_log_in_gets_no_mail() {
    let relay = Relay::start(vec![Script::default().saying("EHLO", b"250 relay\r\n")]).await;
    let url = format!("smtp://dojo:topsecret@localhost:{}", relay.port);
    let outcome = deliver(&sender(&["--email-url", &url]).unwrap()).await;
    assert_eq!(
        judged(&outcome),
        (false, Reason::NotConfigured),
        "{outcome:?}"
    );
    assert_eq!(relay.count("MAIL"), 0);
}
