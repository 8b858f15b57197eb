//! Secrets that take each other's place.

use secrecy::ExposeSecret;

use super::stored;
use crate::browser::{Browser, Seen};
use crate::desk::{Desk, MEI};

/// What a rotation on the page supposes.
pub(super) fn supposed(page: &Seen) -> String {
    let rest = page.text.split("name=\"seen\" value=\"").nth(1);
    let value = rest.expect("a rotation").split('"').next();
    value.unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_does_not_end_a_secret_that_was_just_shown_and_signs_alone() {
    let desk = Desk::open().await;
    let id = stored(&desk, "siem", Some(MEI)).await;
    let (browser, page) = (Browser::of(&desk, MEI).await, format!("/webhooks/{id}"));
    browser.send(&format!("{page}/secret"), &[]).await;
    let supposed = supposed(&browser.look(&page).await);
    let form = [("overlap", "0"), ("seen", supposed.as_str())];
    let rotate = format!("{page}/secret/rotate");
    let rotated = browser.send(&rotate, &form).await;
    assert_eq!(rotated.status, 200);
    rotated.shows("whsec_").hides("The one before signs too");
    let reloaded = browser.send(&rotate, &form).await;
    assert_eq!(reloaded.status, 409);
    reloaded.hides("whsec_");
    let endpoint = desk.store().webhook_endpoint(id).await.unwrap().unwrap();
    assert_eq!(endpoint.signing_secrets.len(), 1);
    rotated.shows(endpoint.signing_secrets[0].expose_secret());
}
