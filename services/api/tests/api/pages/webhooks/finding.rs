//! Finding endpoints, and the page of each one.

use std::time::Duration;

use proto_events::directory::{Settings, User};
use proto_events::outcome::State;
use proto_events::{Cause, Channel, JobId, Reason, Service};
use serde_json::json;
use store::{Attempt, EndpointNews, Finished, Settlement};
use uuid::Uuid;

use super::stored;
use crate::browser::Browser;
use crate::desk::{ADMIN, Desk, MEI, OUTSIDER};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reaches_what_is_another_persons() {
    let desk = Desk::open().await;
    let id = stored(&desk, "secret plans", Some(MEI)).await;
    let outsider = Browser::of(&desk, OUTSIDER).await;
    outsider.look("/webhooks").await.hides("secret plans");
    let page = format!("/webhooks/{id}");
    assert_eq!(outsider.look(&page).await.status, 404);
    for action in [
        "",
        "/ping",
        "/activate",
        "/deactivate",
        "/remove",
        "/secret",
        "/secret/rotate",
        "/secret/end",
        "/secret/remove",
    ] {
        let path = format!("{page}{action}");
        let refused = outsider.send(&path, &[]).await;
        assert_eq!(refused.status, 404, "{path}: {}", refused.text);
        refused.hides("secret plans");
    }
    for path in ["/webhooks/none", "/webhooks/999999", "/webhooks/-1"] {
        assert_eq!(outsider.look(path).await.status, 404, "{path}");
    }
    let still = Browser::of(&desk, MEI).await.look(&page).await;
    still.shows("secret plans").shows("It works");
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_are_found_by_text_status_and_owner_page_by_page() {
    let desk = Desk::open().await;
    stored(&desk, "Alpha_100%", Some(MEI)).await;
    let off = stored(&desk, "beta", None).await;
    desk.store().switch_off_webhook(off).await.unwrap();
    let browser = Browser::of(&desk, ADMIN).await;
    let look = async |query: &str| browser.look(&format!("/webhooks?{query}")).await;
    look("search=aLPHA_1")
        .await
        .shows("Alpha_100%")
        .hides("beta");
    look("search=SIEM.hafen")
        .await
        .shows("Alpha_100%")
        .shows("beta");
    look("search=%25%25")
        .await
        .shows("No endpoint is like that.");
    look("status=inactive_permanent")
        .await
        .shows("beta")
        .hides("Alpha");
    look("owner_name=mei").await.shows("Alpha").hides("beta");
    look("system=true").await.shows("beta").hides("Alpha");
    look("limit=1")
        .await
        .shows("Alpha")
        .hides("beta")
        .shows("rel=\"next\"");
    let wrong = look("status=asleep").await;
    assert_eq!(wrong.status, 400);
    wrong.shows("Select a valid choice");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_endpoint_says_is_text() {
    let desk = Desk::open().await;
    let evil = "<script>alert(1)</script>\"'&";
    let owner = User {
        id: 9,
        username: "<i>eve</i>".to_owned(),
        active: true,
        ..User::default()
    };
    desk.store().put_users(&[owner]).await.unwrap();
    let id = stored(&desk, evil, Some(9)).await;
    let browser = Browser::of(&desk, ADMIN).await;
    for path in ["/webhooks", &format!("/webhooks/{id}")] {
        browser
            .look(path)
            .await
            .shows("&lt;script&gt;alert(1)&lt;/script&gt;")
            .shows("&lt;i&gt;eve")
            .hides("<script>alert")
            .hides("<i>eve");
    }
    let form = [
        ("name", evil),
        ("url", evil),
        ("header_name", evil),
        ("owner", evil),
    ];
    let refused = browser.send("/webhooks/new", &form).await;
    assert_eq!(refused.status, 400);
    refused.hides("<script>alert");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_webhooks_are_switched_on_nothing_says_that_they_are_off() {
    let desk = Desk::open().await;
    let settings = Settings {
        enable_webhooks_notifications: true,
        ..Settings::default()
    };
    desk.store().put_settings(&settings).await.unwrap();
    let browser = Browser::of(&desk, MEI).await;
    browser
        .look("/webhooks")
        .await
        .hides("switched off in System Settings");
}

/// An attempt at an endpoint that its receiver refuses for a while.
async fn attempted(desk: &Desk, id: i64) {
    let endpoint = desk
        .read(ADMIN, &format!("/notification_webhooks/{id}/"))
        .await;
    let destination = endpoint["destination"].as_i64().unwrap();
    let job = JobId::from(Uuid::new_v4());
    let attempt = Attempt {
        job,
        attempt: 1,
        service: Service::WebhookSender,
        event_source: "s".to_owned(),
        event_id: "1".to_owned(),
        event_name: "scan<b>".to_owned(),
        channel: Channel::Webhooks,
        recipient: Some(MEI),
        destination: Some(destination),
        lease: Duration::from_secs(60),
    };
    let finished = Finished {
        reason: Some(Reason::ReceiverError),
        detail: Some("<script>boom".to_owned()),
        status: Some(503),
        ..Finished::of(&attempt, State::Retrying)
    };
    desk.store().claim(&[attempt]).await.unwrap();
    let settlement = Settlement {
        finished: vec![finished],
        endpoints: vec![EndpointNews {
            destination,
            job,
            attempt: 1,
            cause: Cause::Temporary,
            note: "Response status code: 503 <script>".to_owned(),
        }],
        ..Settlement::default()
    };
    desk.store().settle(&settlement).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoints_page_tells_what_was_sent_and_what_happens_next() {
    let desk = Desk::open().await;
    let id = stored(&desk, "siem", Some(MEI)).await;
    let browser = Browser::of(&desk, MEI).await;
    let page = format!("/webhooks/{id}");
    browser
        .look(&page)
        .await
        .shows("Nothing was sent yet.")
        .shows("It has always been active.");
    attempted(&desk, id).await;
    browser
        .look(&page)
        .await
        .shows("It rests after an error until")
        .shows("then one message tries it")
        .shows("the next error disables it")
        .shows("HTTP 503")
        .shows("will be tried again")
        .shows("&lt;script&gt;boom")
        .shows("scan&lt;b&gt;")
        .shows("inactive_tmp: rests after an error")
        .shows("Response status code: 503 &lt;script&gt;")
        .hides("<script>boom")
        .hides("503 <script>");
    let history = format!("/notification_webhooks/{id}/history/");
    let steps = desk.read(MEI, &history).await;
    assert_eq!(
        (&steps["count"], &steps["results"][0]["to"]),
        (&json!(1), &json!("inactive_tmp"))
    );
    assert_eq!(desk.ask(OUTSIDER, "GET", &history).await.status, 404);
}
