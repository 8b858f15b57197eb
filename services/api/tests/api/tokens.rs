//! Who may come in.

use serde_json::json;

use crate::desk::{ADMIN, Desk, MEI, answer};

#[tokio::test(flavor = "multi_thread")]
async fn who_shows_no_token_or_none_that_is_worth_something_is_told_how_to_come_in() {
    let desk = Desk::open().await;
    let paths = ["/notifications/", "/alerts/", "/user_profile/", "/events/"];
    for path in paths {
        for header in [
            "",
            "Token",
            "Token nobody's",
            "Bearer abc",
            "Basic YTpi",
            "Token \u{e4}",
        ] {
            let mut request = desk.request("GET", path);
            if !header.is_empty() {
                request = request.header("Authorization", header);
            }
            let refused = answer(request).await;
            assert_eq!(refused.status, 401, "{path} with {header:?}");
            assert_eq!(refused.headers["www-authenticate"], "Token");
            assert!(refused.body["detail"].is_string(), "{refused:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_makes_its_user_and_is_worth_nothing_once_it_is_revoked() {
    let desk = Desk::open().await;
    let profile = desk.read(MEI, "/user_profile/").await;
    assert_eq!(profile["user"]["username"], "mei");
    assert_eq!(profile["user_contact_info"]["user"], MEI);
    let tokens = desk.store().tokens(Some("mei")).await.unwrap();
    assert!(tokens[0].used_at.is_some());
    assert!(desk.store().revoke_token(tokens[0].id).await.unwrap());
    assert!(!desk.store().revoke_token(tokens[0].id).await.unwrap());
    assert_eq!(desk.ask(MEI, "GET", "/user_profile/").await.status, 401);
    assert_eq!(desk.ask(ADMIN, "GET", "/user_profile/").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_left_does_not_come_in() {
    let desk = Desk::open().await;
    desk.store().delete_users(&[MEI]).await.unwrap();
    assert_eq!(desk.ask(MEI, "GET", "/alerts/").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_is_not_there_says_so_in_json_and_a_missing_slash_is_mended() {
    let desk = Desk::open().await;
    let missing = desk.ask(ADMIN, "GET", "/nowhere/").await;
    assert_eq!(
        (missing.status, missing.body),
        (404, json!({"detail": "Not found."}))
    );
    let moved = desk.ask(ADMIN, "GET", "/users?limit=1").await;
    assert_eq!(
        (moved.status, moved.headers["location"].as_str()),
        (308, "/api/v2/users/?limit=1")
    );
    let wrong = desk.ask(ADMIN, "DELETE", "/users/").await;
    assert_eq!(wrong.status, 405);
    assert!(wrong.headers["allow"].contains("GET"));
}
