//! The tokens in unsubscribe links.
#![allow(clippy::unwrap_used, reason = "a panic is the way to fail a test")]

use messages::UnsubscribeTokens;
use proptest::prelude::*;

const KEY: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";
const OTHER: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn tokens(list: &str) -> UnsubscribeTokens {
    UnsubscribeTokens::from_keys(list).unwrap()
}

#[test]
fn a_token_names_the_user_it_was_made_for() {
    for user in [1, 42, i64::MAX] {
        assert_eq!(tokens(KEY).user(&tokens(KEY).token(user)), Some(user));
    }
}

#[test]
fn a_token_is_the_same_for_ever_so_that_links_in_old_mails_work() {
    // Written down once: a change of the derivation breaks every link that was sent.
    let expected = "42.VCEseoOFoS0UCejPCfXPGogl-DfG8Y3OUbOWml5fnEs";
    assert_eq!(tokens(KEY).token(42), expected);
}

#[test]
fn a_token_for_one_user_is_none_for_another() {
    let token = tokens(KEY).token(42);
    let signature = token.split_once('.').unwrap().1;
    for user in ["41", "4", "042", "+42", "-42", "42 ", ""] {
        assert_eq!(tokens(KEY).user(&format!("{user}.{signature}")), None);
    }
}

#[test]
fn without_the_key_nobody_makes_a_token() {
    let forged = tokens(OTHER).token(42);
    assert_eq!(tokens(KEY).user(&forged), None);
    for token in ["", ".", "42", "42.", "42.AAAA", "42.=", "§.§", "42.\r\n"] {
        assert_eq!(tokens(KEY).user(token), None, "{token}");
    }
}

#[test]
fn a_shortened_or_lengthened_token_is_none() {
    let token = tokens(KEY).token(42);
    for length in 0..token.len() {
        assert_eq!(tokens(KEY).user(&token[..length]), None);
    }
    for more in ["A", ".", "=", "\n", " "] {
        assert_eq!(tokens(KEY).user(&format!("{token}{more}")), None);
    }
}

#[test]
fn after_a_change_of_keys_old_links_work_as_long_as_the_old_key_is_in_the_list() {
    let old = tokens(KEY).token(42);
    let both = tokens(&format!("{OTHER}, {KEY}"));
    assert_eq!(both.user(&old), Some(42));
    assert_eq!(both.token(42), tokens(OTHER).token(42));
    assert_eq!(tokens(OTHER).user(&old), None);
}

#[test]
fn without_a_key_there_are_no_tokens() {
    for list in ["", "  ", ",", " , "] {
        assert!(UnsubscribeTokens::from_keys(list).is_none());
    }
}

#[test]
fn a_link_is_below_the_pages_and_needs_no_escaping() {
    let token = tokens(KEY).token(42);
    for pages in [
        "https://notify.example/dojo",
        "https://notify.example/dojo/",
    ] {
        let link = tokens(KEY).link(pages, 42);
        assert_eq!(
            link,
            format!("https://notify.example/dojo/unsubscribe/{token}")
        );
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    assert!(token.chars().all(plain), "{token}");
}

#[test]
fn what_is_logged_of_them_holds_no_key() {
    assert!(!format!("{:?}", tokens(KEY)).contains(KEY));
}

proptest! {
    #[test]
    fn no_text_but_a_token_is_accepted(text in ".{0,80}", user in any::<i64>()) {
        prop_assert_eq!(tokens(KEY).user(&text), None);
        prop_assert_eq!(tokens(KEY).user(&format!("{user}.{text}")), None);
    }
}
