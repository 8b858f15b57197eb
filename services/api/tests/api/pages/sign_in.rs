//! Who comes in with a browser, and how far another site's page gets with it.

use crate::browser::Browser;
use crate::desk::{Desk, MEI};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_known_signs_in_and_is_sent_to_the_page_they_asked_for() {
    let desk = Desk::open().await;
    let browser = Browser::new(&desk);
    let seen = browser.look("/alerts?read=false").await;
    let sign_in = seen.location.expect("sent to sign in");
    assert_eq!(
        (seen.status, sign_in.as_str()),
        (303, "/sign-in?next=%2Falerts%3Fread%3Dfalse")
    );
    browser
        .look(&sign_in)
        .await
        .shows("value=\"/alerts?read=false\"");
    let form = [("next", "/alerts?read=false"), ("token", desk.token(MEI))];
    let seen = browser.send_on("/sign-in", &form).await;
    seen.shows("mei").shows("Sign out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_worth_nothing_once_it_is_ended_or_its_token_revoked() {
    let desk = Desk::open().await;
    let (one, other) = (Browser::of(&desk, MEI).await, Browser::of(&desk, MEI).await);
    assert_eq!(
        one.send("/sign-out", &[]).await.location.as_deref(),
        Some("/sign-in")
    );
    assert_eq!(one.look("/alerts").await.status, 303);
    assert_eq!(other.look("/alerts").await.status, 200);
    let token = desk.store().tokens(Some("mei")).await.unwrap()[0].id;
    desk.store().revoke_token(token).await.unwrap();
    assert_eq!(other.look("/alerts").await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_cookie_is_for_no_script_and_no_other_site() {
    let desk = Desk::open().await;
    let form = [("token", desk.token(MEI))];
    let seen = Browser::new(&desk).send("/sign-in", &form).await;
    let cookie = &seen.headers["set-cookie"];
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let flags = ["--notify-url=https://notify.example".to_owned()];
    let desk = Desk::open_with(&flags).await;
    let form = [("token", desk.token(MEI))];
    let seen = Browser::new(&desk).send("/sign-in", &form).await;
    assert!(seen.headers["set-cookie"].ends_with("; Secure"), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_site_changes_nothing_with_somebodys_session() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, MEI).await;
    for site in ["cross-site", "same-site"] {
        for path in [
            "/alerts",
            "/alerts/clear",
            "/sign-out",
            "/sign-in",
            "/api/v2/alerts/remove/",
        ] {
            let seen = browser.send_from(site, path, &[("ids", "1")]).await;
            assert_eq!(seen.status, 403, "{path} from {site}");
        }
    }
    assert_eq!(browser.look("/alerts").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_wrong_tokens_are_told_so_further_ones_are_told_to_wait_and_a_right_one_signs_in() {
    let desk = Desk::open().await;
    let browser = Browser::new(&desk);
    for _ in 0..10 {
        let seen = browser.send("/sign-in", &[("token", "guessed")]).await;
        assert_eq!(seen.status, 403);
        seen.shows("not known");
    }
    let seen = browser.send("/sign-in", &[("token", "guessed")]).await;
    assert_eq!(
        (seen.status, seen.headers["retry-after"].as_str()),
        (429, "60")
    );
    seen.shows("Wait a minute.");
    let right = [("token", desk.token(MEI))];
    browser.send_on("/sign-in", &right).await;
    browser.look("/alerts").await.shows("mei");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_allow_no_script_or_style_within_and_no_frame_around_them() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, MEI).await;
    for path in ["/alerts", "/sign-in", "/alerts?limit=none"] {
        let seen = browser.look(path).await;
        let policy = &seen.headers["content-security-policy"];
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        seen.hides("style=").hides("<script>").hides("onclick");
        assert_eq!(seen.headers["x-content-type-options"], "nosniff");
        assert_eq!(seen.headers["cache-control"], "no-store");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn style_and_scripts_are_sent_again_only_when_they_changed() {
    let desk = Desk::open().await;
    for path in ["/assets/app.css", "/assets/app.js", "/assets/icon.svg"] {
        let url = format!("http://{}{path}", desk.address);
        let first = reqwest::get(&url).await.unwrap();
        assert_eq!(first.status(), 200, "{path}");
        let tag = first.headers()["etag"].clone();
        let again = reqwest::Client::new()
            .get(&url)
            .header("If-None-Match", tag);
        assert_eq!(again.send().await.unwrap().status(), 304, "{path}");
    }
}
