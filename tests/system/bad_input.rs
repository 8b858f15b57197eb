//! What is no event, no job or nobody, what is too large, and what only looks strange.

mod large;
mod mutation;
mod odd;
mod spoilt;
mod unreadable;

use proto_events::{Reason, Service};
use serde_json::{Value, json};
use store::FiledLetter;
use system_tests::play::{Play, until};

pub(crate) fn envelope() -> Value {
    json!({"specversion": "1.0", "id": "1", "source": "s", "type": "test_added", "data": {"title": "T"}})
}

/// Waits until this many dead letters are filed.
pub(crate) async fn filed(play: &Play, count: usize) -> Vec<FiledLetter> {
    until("the dead letters", async || {
        let letters = play.store().dead_letters().await.unwrap();
        (letters.len() >= count).then_some(letters)
    })
    .await
}

/// Each message must be among the letters, with this reason and these words.
pub(crate) fn assert_filed(
    letters: &[FiledLetter],
    service: Service,
    expected: &[(Vec<u8>, Reason, &[&str])],
) {
    for (body, reason, words) in expected {
        let told = String::from_utf8_lossy(&body[..body.len().min(200)]);
        let letter = letters
            .iter()
            .find(|letter| letter.service == service.as_str() && letter.body == *body);
        let letter = letter.unwrap_or_else(|| panic!("{service} has not kept {told}"));
        assert_eq!(letter.reason, *reason, "{told}: {}", letter.detail);
        for word in *words {
            assert!(
                letter.detail.contains(word),
                "{told}: {:?} lacks {word:?}",
                letter.detail
            );
        }
    }
}
