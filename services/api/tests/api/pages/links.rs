//! Where alerts lead to, and who shows them.

use store::NewAlert;

use crate::browser::Browser;
use crate::desk::{Desk, MEI, alert, answer};

async fn alerted(desk: &Desk, url: &str) {
    let alert = NewAlert {
        url: Some(url.to_owned()),
        ..alert(MEI, "Test added")
    };
    desk.store().insert_alerts(&[alert]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_in_an_alert_leads_to_defectdojo_and_stays_a_path_for_programs() {
    let desk = Desk::open_with(&["--site-url=https://dojo.example/".to_owned()]).await;
    alerted(&desk, "/test/1").await;
    let browser = Browser::of(&desk, MEI).await;
    for page in ["/alerts", "/alerts/newest"] {
        browser
            .look(page)
            .await
            .shows("href=\"https://dojo.example/test/1\"")
            .hides("href=\"/test/1\"");
    }
    let listed = desk.read(MEI, "/alerts/").await;
    assert_eq!(listed["results"][0]["url"], "/test/1");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_shows_a_part_of_a_page_as_its_own() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, MEI).await;
    let part = browser.look("/alerts/newest").await;
    let json = desk.ask(MEI, "GET", "/alerts/").await;
    for headers in [&part.headers, &json.headers] {
        let policy = &headers["content-security-policy"];
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("script-src"), "{policy}");
    }
    // What has a policy keeps it.
    let docs = answer(desk.request("GET", "/../docs")).await;
    let policy = &docs.headers["content-security-policy"];
    assert!(policy.contains("script-src 'self'"), "{policy}");
}
