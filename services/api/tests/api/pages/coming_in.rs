//! How somebody comes in again whose session ended, and who comes in by a link.

use reqwest::header::{CONTENT_TYPE, LOCATION, REFERER};
use reqwest::redirect::Policy;

use crate::browser::Browser;
use crate::desk::{Desk, MEI};

/// Where somebody without a session is sent who sends a form of a page.
async fn sent(desk: &Desk, page: Option<&str>) -> String {
    let client = reqwest::Client::builder().redirect(Policy::none());
    let form = format!("http://{}/profile/tokens", desk.address);
    let mut request = client
        .build()
        .unwrap()
        .post(form)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("Sec-Fetch-Site", "same-origin");
    if let Some(page) = page {
        request = request.header(REFERER, page);
    }
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 303);
    answer.headers()[LOCATION].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_a_form_too_late_signs_in_and_is_back_on_the_page_it_stood_on() {
    let desk = Desk::open().await;
    let page = format!("http://{}/profile?a=1", desk.address);
    assert_eq!(
        sent(&desk, Some(&page)).await,
        "/sign-in?next=%2Fprofile%3Fa%3D1"
    );
    for foreign in [
        None,
        Some("https://evil.example/profile".to_owned()),
        Some(format!("http://{}.evil.example/profile", desk.address)),
        Some(format!("http://{}//evil.example", desk.address)),
    ] {
        let at = sent(&desk, foreign.as_deref()).await;
        assert_eq!(at, "/sign-in?next=%2F", "{foreign:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_in_a_page_what_is_not_there_and_programs_in_json() {
    let desk = Desk::open().await;
    let browser = Browser::new(&desk);
    for path in ["/nowhere", "/apian"] {
        let seen = browser.look(path).await;
        assert_eq!(seen.status, 404, "{path}");
        seen.shows("<h1>Not Found</h1>")
            .shows("Back to your alerts");
    }
    let seen = browser.send("/deliveries", &[]).await;
    assert_eq!(seen.status, 405);
    assert!(seen.headers["allow"].contains("GET"), "{seen:?}");
    seen.shows("<h1>Method Not Allowed</h1>");
    for path in ["/api", "/api/nowhere", "/api/v2/nowhere/"] {
        let seen = browser.look(path).await;
        assert_eq!(seen.status, 404, "{path}");
        seen.shows("{\"detail\":\"Not found.\"}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_signs_nobody_in_by_itself_who_is_signed_in_already() {
    let desk = Desk::open().await;
    let other = "this signs you in with another token";
    let stranger = Browser::new(&desk);
    let page = stranger.look("/sign-in").await;
    page.hides("data-signed-in").hides(other);
    let browser = Browser::of(&desk, MEI).await;
    let page = browser.look("/sign-in").await;
    page.shows(" data-signed-in>").shows("mei").shows(other);
    let wrong = browser.send("/sign-in", &[("token", "guessed")]).await;
    assert_eq!(wrong.status, 403);
    wrong.shows(" data-signed-in>").shows("not known");
    browser.send("/sign-out", &[]).await;
    browser.look("/sign-in").await.hides("data-signed-in");
}
