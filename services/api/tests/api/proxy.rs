//! An identity-aware proxy that says who asks.

use serde_json::json;

use crate::desk::{Desk, answer};

const HEADER: &str = "x-forwarded-user";

async fn behind(networks: &str) -> Desk {
    Desk::open_with(&[
        format!("--auth-proxy-header={HEADER}"),
        format!("--auth-proxy-networks={networks}"),
    ])
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_in_its_own_network_says_who_asks_and_nobody_else_does() {
    let trusted = behind("127.0.0.0/8").await;
    let ask = |desk: &Desk, name: &str| {
        answer(desk.request("GET", "/user_profile/").header(HEADER, name))
    };
    let profile = ask(&trusted, "mei").await;
    assert_eq!(profile.body["user"]["username"], "mei");
    assert_eq!(ask(&trusted, "nobody").await.status, 401);
    assert_eq!(ask(&trusted, "").await.status, 401);
    let elsewhere = behind("10.0.0.0/8").await;
    assert_eq!(ask(&elsewhere, "mei").await.status, 401);
    assert_eq!(ask(&Desk::open().await, "mei").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_another_site_asks_for_is_refused() {
    let desk = behind("127.0.0.0/8").await;
    let address = format!("http://{}", desk.address);
    for (name, value, status) in [
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("origin", address.as_str(), 200),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "same-origin", 200),
    ] {
        let request = desk
            .request("POST", "/alerts/mark_read/")
            .header(HEADER, "mei");
        let answer = answer(request.header(name, value).json(&json!({"ids": []}))).await;
        assert_eq!(answer.status, status, "{name}: {value}: {answer:?}");
    }
}
