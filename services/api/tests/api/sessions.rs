//! Browsers in which somebody signed in with a token.

use crate::browser::Browser;
use crate::desk::{Desk, MEI};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_a_browser_uses_counts_as_used() {
    let desk = Desk::open().await;
    let used = async || {
        let tokens = desk.store().tokens(Some("mei")).await.unwrap();
        tokens[0].used_at
    };
    assert_eq!(used().await, None);
    let browser = Browser::of(&desk, MEI).await;
    let signed_in = used().await;
    assert!(signed_in.is_some());
    // To the minute: a page right after it is not noted anew.
    assert_eq!(browser.look("/alerts").await.status, 200);
    assert_eq!(used().await, signed_in);
}
