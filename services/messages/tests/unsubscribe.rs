//! The tokens in unsubscribe links.
#![allow(clippy::unwrap_used, reason = "a panic is the way to fail a test")]

use messages::{Subscription, UnsubscribeTokens};
use proptest::prelude::*;
use proto_events::Column;

const KEY: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";
const OTHER: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn tokens(list: &str) -> UnsubscribeTokens {
    UnsubscribeTokens::from_keys(list).unwrap()
}

fn of(user: i64, columns: &[Column]) -> Subscription {
    Subscription {
        user,
        columns: columns.iter().copied().collect(),
    }
}

/// One that most tests are about.
fn scans() -> Subscription {
    of(42, &[Column::ScanAdded])
}

#[test]
fn a_token_names_the_user_and_the_columns_it_was_made_for() {
    for user in [1, 42, i64::MAX] {
        for columns in [
            &[Column::ScanAdded][..],
            &[Column::Other, Column::SlaBreach],
            &Column::ALL,
        ] {
            let subscription = of(user, columns);
            let token = tokens(KEY).token(&subscription);
            assert_eq!(tokens(KEY).subscription(&token), Some(subscription));
        }
    }
}

#[test]
fn a_token_is_the_same_for_ever_so_that_links_in_old_mails_work() {
    // Written down once: a change of the derivation breaks every link that was sent.
    let expected = "42.scan_added.I3nSl3LgxRIJtzokd07kpKWpivzHxk560ae-T3pNKFQ";
    assert_eq!(tokens(KEY).token(&scans()), expected);
}

#[test]
fn a_token_for_one_user_is_none_for_another() {
    let token = tokens(KEY).token(&scans());
    let rest = token.split_once('.').unwrap().1;
    for user in ["41", "4", "042", "+42", "-42", "42 ", ""] {
        assert_eq!(tokens(KEY).subscription(&format!("{user}.{rest}")), None);
    }
}

#[test]
fn a_token_for_some_columns_is_none_for_others() {
    let token = tokens(KEY).token(&of(42, &[Column::ScanAdded, Column::SlaBreach]));
    let signature = token.rsplit_once('.').unwrap().1;
    for columns in [
        "scan_added",
        "sla_breach",
        "sla_breach-scan_added",
        "scan_added-sla_breach-other",
        "scan_added-",
        "",
        "-",
    ] {
        let forged = format!("42.{columns}.{signature}");
        assert_eq!(tokens(KEY).subscription(&forged), None, "{forged}");
    }
}

#[test]
fn without_the_key_nobody_makes_a_token() {
    let forged = tokens(OTHER).token(&scans());
    assert_eq!(tokens(KEY).subscription(&forged), None);
    for token in [
        "",
        ".",
        "..",
        "42",
        "42.",
        "42.scan_added",
        "42.scan_added.",
        "42.scan_added.AAAA",
        "42.scan_added.=",
        "§.§.§",
        "42.\r\n.",
    ] {
        assert_eq!(tokens(KEY).subscription(token), None, "{token}");
    }
}

#[test]
fn a_shortened_or_lengthened_token_is_none() {
    let token = tokens(KEY).token(&scans());
    for length in 0..token.len() {
        assert_eq!(tokens(KEY).subscription(&token[..length]), None);
    }
    for more in ["A", ".", "=", "\n", " "] {
        assert_eq!(tokens(KEY).subscription(&format!("{token}{more}")), None);
    }
}

#[test]
fn after_a_change_of_keys_old_links_work_as_long_as_the_old_key_is_in_the_list() {
    let old = tokens(KEY).token(&scans());
    let both = tokens(&format!("{OTHER}, {KEY}"));
    assert_eq!(both.subscription(&old), Some(scans()));
    assert_eq!(both.token(&scans()), tokens(OTHER).token(&scans()));
    assert_eq!(tokens(OTHER).subscription(&old), None);
}

#[test]
fn without_a_key_there_are_no_tokens() {
    for list in ["", "  ", ",", " , "] {
        assert!(UnsubscribeTokens::from_keys(list).is_none());
    }
}

#[test]
fn a_link_is_below_the_pages_and_needs_no_escaping() {
    let all = of(i64::MAX, &Column::ALL);
    let token = tokens(KEY).token(&all);
    for pages in [
        "https://notify.example/dojo",
        "https://notify.example/dojo/",
    ] {
        let link = tokens(KEY).link(pages, &all);
        assert_eq!(
            link,
            format!("https://notify.example/dojo/unsubscribe/{token}")
        );
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    assert!(token.chars().all(plain), "{token}");
    // A header's line ends before 998 bytes, and this one is not folded.
    assert!(token.len() < 500, "{token}");
}

#[test]
fn what_is_logged_of_them_holds_no_key() {
    assert!(!format!("{:?}", tokens(KEY)).contains(KEY));
}

proptest! {
    #[test]
    fn no_text_but_a_token_is_accepted(text in ".{0,80}", user in any::<i64>()) {
        prop_assert_eq!(tokens(KEY).subscription(&text), None);
        prop_assert_eq!(tokens(KEY).subscription(&format!("{user}.{text}")), None);
        prop_assert_eq!(tokens(KEY).subscription(&format!("{user}.scan_added.{text}")), None);
    }
}
