//! What becomes of a mail when the relay says no, breaks off, or talks nonsense.
#![allow(clippy::unwrap_used, reason = "a panic is the way to fail a test")]

mod support;

use std::time::Duration;

use delivery::Channel as _;
use proto_events::{Outcome, Reason};
use serde_json::json;
use store::Place;
use support::relay::{Relay, Script};
use support::{deliver, detail, judged, mail, sender_to, task, titled};

/// What becomes of a mail if the relay answers so.
async fn outcome(to: &'static str, answer: &'static [u8]) -> Outcome {
    let relay = Relay::start(vec![Script::default().saying(to, answer)]).await;
    deliver(&sender_to(&relay.url())).await
}

#[tokio::test]
async fn a_relay_that_says_later_is_asked_again_and_one_that_says_no_is_not() {
    use Reason::{InvalidAddress, ReceiverError, Refused, TooLarge, Unauthorized};
    let cases: [(&str, &[u8], bool, Reason); 14] = [
        ("MAIL", b"421 closing\r\n", false, ReceiverError),
        ("MAIL", b"451 4.7.1 slow down\r\n", false, ReceiverError),
        ("MAIL", b"452 4.3.1 disk full\r\n", false, ReceiverError),
        ("RCPT", b"450 4.2.1 greylisted\r\n", false, ReceiverError),
        (
            "RCPT",
            b"454 4.7.1 relay access denied\r\n",
            false,
            ReceiverError,
        ),
        (".", b"451 4.3.0 try again\r\n", false, ReceiverError),
        ("MAIL", b"530 5.7.0 log in first\r\n", false, Unauthorized),
        ("MAIL", b"552 5.3.4 too big\r\n", true, TooLarge),
        (
            "RCPT",
            b"550 5.1.1 no such mailbox\r\n",
            true,
            InvalidAddress,
        ),
        ("RCPT", b"553 5.1.3 no address\r\n", true, InvalidAddress),
        ("RCPT", b"556 5.1.10 null MX\r\n", true, InvalidAddress),
        ("DATA", b"554 5.5.1 no\r\n", true, Refused),
        (".", b"554 5.7.1 spam\r\n", true, Refused),
        (".", b"500-so\r\n500 no\r\n", true, Refused),
    ];
    for (to, answer, rejected, reason) in cases {
        let outcome = outcome(to, answer).await;
        let answer = String::from_utf8_lossy(answer);
        assert_eq!(judged(&outcome), (rejected, reason), "{to}: {answer}");
        assert!(detail(&outcome).contains(&answer[..3]), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_relay_that_does_not_let_us_in_costs_no_mail() {
    let cases: [(&str, &[u8], Reason); 4] = [
        ("open", b"554 no service here\r\n", Reason::ReceiverError),
        (
            "open",
            b"421 too many connections\r\n",
            Reason::ReceiverError,
        ),
        ("EHLO", b"550 your name is wrong\r\n", Reason::ReceiverError),
        ("EHLO", b"530 not you\r\n", Reason::Unauthorized),
    ];
    for (to, answer, reason) in cases {
        assert_eq!(judged(&outcome(to, answer).await), (false, reason), "{to}");
    }
}

#[tokio::test]
async fn a_relay_whose_answer_has_no_end_is_left() {
    for to in ["open", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "."] {
        let relay = Relay::start(vec![Script::default().saying(to, b"floods")]).await;
        let url = relay.url().replace("//", "//dojo:secret@");
        let outcome = deliver(&sender_to(&url)).await;
        let expected = (false, Reason::BadResponse);
        assert_eq!(judged(&outcome), expected, "{to}: {outcome:?}");
        assert!(detail(&outcome).contains("has no end"), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_relay_that_hangs_up_within_or_instead_of_an_answer_counts_as_a_lost_connection() {
    for to in ["open", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        for answer in [&b""[..], b"25", b"250-half an answer\r\n250"] {
            let outcome = outcome(to, answer).await;
            let expected = (false, Reason::Connection);
            assert_eq!(judged(&outcome), expected, "{to}: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_no_reason_to_give_a_mail_up() {
    let garbage: [&[u8]; 4] = [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"\xff\xfe\x00\x01\r\n",
        b"999 what\r\n",
        b"\r\n",
    ];
    for to in ["open", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        for answer in garbage {
            let outcome = outcome(to, answer).await;
            let expected = (false, Reason::BadResponse);
            assert_eq!(judged(&outcome), expected, "{to}: {answer:?}: {outcome:?}");
        }
    }
    let half = outcome(".", b"354 go on\r\n").await;
    assert_eq!(judged(&half), (false, Reason::BadResponse));
}

#[tokio::test]
async fn a_relay_that_cannot_be_reached_or_found_is_tried_again() {
    // Nobody listens at port 1.
    let away = deliver(&sender_to("smtp://127.0.0.1:1")).await;
    assert_eq!(judged(&away), (false, Reason::Connection));
    let unknown = deliver(&sender_to("smtp://relay.invalid:25")).await;
    assert_eq!(judged(&unknown), (false, Reason::Dns), "{unknown:?}");
}

#[tokio::test]
async fn what_is_told_of_a_refusal_does_not_hold_the_address() {
    let answer = b"550 5.1.1 <alice@example.com>: no such mailbox\r\n";
    let outcome = outcome("RCPT", answer).await;
    let detail = detail(&outcome);
    assert!(
        !detail.contains("alice") && detail.contains("no such mailbox"),
        "{detail}"
    );
}

#[tokio::test]
async fn an_attempt_that_is_cut_off_leaves_no_half_mail_for_the_next_one() {
    let hanging = Script::default().saying(".", b"hangs");
    let relay = Relay::start(vec![hanging, Script::default()]).await;
    let channel = sender_to(&relay.url());
    let first = mail(&channel, titled("First"));
    let heard = async {
        while relay.count(".") == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        outcome = channel.deliver(&first) => unreachable!("{outcome:?}"),
        heard = tokio::time::timeout(Duration::from_secs(60), heard) => {
            heard.expect("the relay hears the whole mail");
        }
    }
    let outcome = channel.deliver(&mail(&channel, titled("Second"))).await;
    assert!(matches!(outcome, Outcome::Delivered(_)), "{outcome:?}");
    // The first mail's answer is still due on its connection; on another one nothing is.
    assert_eq!(relay.count("(open)"), 2);
    assert_eq!(relay.count("Subject:"), 2);
}

#[tokio::test]
async fn a_connection_that_the_relay_closed_meanwhile_costs_no_attempt() {
    let once = Script::default().saying("NOOP", b"421 bye");
    let relay = Relay::start(vec![once, Script::default()]).await;
    let channel = sender_to(&relay.url());
    for _ in 0..3 {
        let outcome = deliver(&channel).await;
        assert!(matches!(outcome, Outcome::Delivered(_)), "{outcome:?}");
    }
    assert_eq!(relay.count("(open)"), 2);
    assert_eq!(relay.count("DATA"), 3);
}

#[tokio::test]
async fn one_refused_address_does_not_harm_the_mails_after_it() {
    let refusing = Script::default().saying("RCPT", b"550 no such mailbox\r\n");
    let relay = Relay::start(vec![refusing, Script::default()]).await;
    let channel = sender_to(&relay.url());
    assert!(judged(&deliver(&channel).await).0);
    assert!(matches!(deliver(&channel).await, Outcome::Delivered(_)));
}

#[tokio::test]
async fn what_is_no_address_never_reaches_the_relay() {
    let relay = Relay::start(vec![Script::default()]).await;
    let channel = sender_to(&relay.url());
    let long = format!("{}@example.com", "a".repeat(300));
    let injected = "alice@example.com\r\nRCPT TO:<mallory@example.com>";
    for address in [
        "alice",
        "@example.com",
        "alice@",
        "a b@c.d",
        "a@b@c",
        "",
        &long,
        injected,
    ] {
        let mut task = titled("Hello");
        task.place = Place::Mail {
            address: address.to_owned(),
        };
        let outcome = channel.prepare(task).unwrap_err();
        assert_eq!(
            judged(&outcome),
            (true, Reason::InvalidAddress),
            "{address}"
        );
    }
    assert_eq!(relay.heard(), [""; 0]);
}

#[tokio::test]
async fn a_sender_address_that_is_none_waits_for_somebody_to_correct_it() {
    let channel = sender_to("smtp://127.0.0.1:1");
    let mut task = task(&json!({"title": "Hello"}));
    let mut settings = (*task.settings).clone();
    settings.settings.email_from = "nobody".to_owned();
    task.settings = settings.into();
    let outcome = channel.prepare(task).unwrap_err();
    assert_eq!(judged(&outcome), (false, Reason::NotConfigured));
    assert!(detail(&outcome).contains("email_from"));
}

#[tokio::test]
async fn letters_of_any_script_are_sent_where_the_relay_can_and_refused_where_it_cannot() {
    let relay = Relay::start(vec![Script::default()]).await;
    let channel = sender_to(&relay.url());
    let to = |address: &str| {
        let mut task = titled("Hello");
        task.place = Place::Mail {
            address: address.to_owned(),
        };
        mail(&channel, task)
    };
    let outcome = channel.deliver(&to("mei@häfen.example")).await;
    assert!(matches!(outcome, Outcome::Delivered(_)), "{outcome:?}");
    assert_eq!(relay.count("RCPT TO:<mei@xn--hfen-loa.example>"), 1);
    let outcome = channel.deliver(&to("美@example.com")).await;
    assert_eq!(
        judged(&outcome),
        (true, Reason::InvalidAddress),
        "{outcome:?}"
    );
}
