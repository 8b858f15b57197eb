//! Letters of events of several sources.

use store::{DeadLetter, LetterFilter, Window};

use super::{SOURCE, file, found, letter, new_job};
use crate::support::scratch;

#[tokio::test]
async fn of_two_sources_that_use_one_id_each_has_its_own_letters() {
    let scratch = scratch().await;
    let store = scratch.store();
    let ours = file(store, &letter(new_job(), "e1")).await;
    let other = DeadLetter {
        event: Some(("https://other.example".to_owned(), "e1".to_owned())),
        ..letter(new_job(), "e1")
    };
    let theirs = file(store, &other).await;
    let of = |source: &str| LetterFilter {
        event: Some("e1".to_owned()),
        event_source: Some(source.to_owned()),
        ..LetterFilter::default()
    };
    for (source, letter) in [(SOURCE, ours), ("https://other.example", theirs)] {
        let page = store.letters_page(&of(source), Window::ONE).await.unwrap();
        assert_eq!((page.count, &page.rows[..]), (1, &[letter.clone()][..]));
        assert_eq!(found(store, &of(source)).await, [letter]);
    }
    assert!(
        found(store, &of("https://nowhere.example"))
            .await
            .is_empty()
    );
}
