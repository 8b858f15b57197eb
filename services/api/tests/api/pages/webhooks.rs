//! Webhook endpoints on pages.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use proto_events::directory::{Settings, User};
use proto_events::outcome::State;
use proto_events::{Cause, Channel, JobId, Reason, Service};
use serde_json::json;
use store::{Attempt, EndpointNews, Finished, NewWebhook, Settlement};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::browser::{Browser, Seen};
use crate::desk::{ADMIN, Desk, MEI, OUTSIDER};

/// An endpoint that answers as it is told, and counts.
struct Receiver {
    url: String,
    status: Arc<AtomicU16>,
    pings: Arc<AtomicUsize>,
}

impl Receiver {
    async fn open(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (status, pings) = (Arc::new(AtomicU16::new(status)), Arc::default());
        let (answers, counts) = (Arc::clone(&status), Arc::clone(&pings));
        let answer = move || {
            let _: usize = AtomicUsize::fetch_add(&counts, 1, Ordering::SeqCst);
            let status = StatusCode::from_u16(answers.load(Ordering::SeqCst)).unwrap();
            async move { (status, [("location", "https://elsewhere.example/<b>")]) }
        };
        let router = Router::new().route("/hook", post(answer));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, status, pings }
    }

    fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }
}

/// The id of the endpoint whose page the browser was sent to.
fn id_of(seen: &Seen) -> i64 {
    let there = seen.location.as_deref().expect("sent somewhere");
    there.strip_prefix("/webhooks/").unwrap().parse().unwrap()
}

async fn stored(desk: &Desk, name: &str, owner: Option<i64>) -> i64 {
    let webhook = NewWebhook {
        name: name.to_owned(),
        url: "https://siem.hafen.example/in".to_owned(),
        header_name: None,
        header_value: None,
        owner,
    };
    desk.store().add_webhook(&webhook).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_adds_an_endpoint_whose_ping_fails_sees_why_and_tries_again() {
    let desk = Desk::open().await;
    let receiver = Receiver::open(502).await;
    let browser = Browser::of(&desk, MEI).await;
    browser
        .look("/webhooks")
        .await
        .shows("No endpoints yet.")
        .shows("switched off in System Settings");
    let form = [
        ("name", "my hook"),
        ("url", receiver.url.as_str()),
        ("header_name", "X-Key"),
        ("header_value", "hunter2"),
    ];
    let refused = browser.send("/webhooks/new", &form).await;
    assert_eq!(refused.status, 400);
    refused
        .shows("The ping was not successful: it answered HTTP 502.")
        .shows("value=\"my hook\"")
        .shows(&receiver.url)
        .hides("hunter2");
    browser.look("/webhooks").await.shows("No endpoints yet.");
    receiver.answers(204);
    let added = browser.send("/webhooks/new", &form).await;
    browser
        .look(&format!("/webhooks/{}", id_of(&added)))
        .await
        .shows("It answered the ping with HTTP 204 (No Content).")
        .shows("set; write to replace it")
        .shows("<dd>mei</dd>")
        .hides("hunter2");
    browser
        .look("/webhooks")
        .await
        .shows("my hook")
        .shows("It works");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_saved_only_with_a_ping_that_works_and_activates() {
    let desk = Desk::open().await;
    let receiver = Receiver::open(200).await;
    let browser = Browser::of(&desk, ADMIN).await;
    let form = |name| [("name", name), ("url", receiver.url.as_str())];
    let id = id_of(&browser.send("/webhooks/new", &form("one")).await);
    let page = format!("/webhooks/{id}");
    browser
        .send_on(&format!("{page}/deactivate"), &[])
        .await
        .shows("“one” is switched off")
        .shows("A person switched it off")
        .shows("Deactivate from UI");
    receiver.answers(404);
    let refused = browser.send(&page, &form("two")).await;
    assert_eq!(refused.status, 400);
    refused
        .shows("it answered HTTP 404")
        .shows("value=\"two\"")
        .shows("<h1>one</h1>");
    let refused = browser.send(&format!("{page}/activate"), &[]).await;
    assert_eq!(refused.status, 400);
    refused.shows("it answered HTTP 404");
    receiver.answers(200);
    browser
        .send_on(&page, &form("two"))
        .await
        .shows("Saved, and active.")
        .shows("<h1>two</h1>")
        .shows("inactive_permanent: not in use");
    receiver.answers(307);
    browser
        .send_on(&format!("{page}/ping"), &[])
        .await
        .shows("points to https://elsewhere.example/&lt;b&gt;");
    let removed = browser.send_on(&format!("{page}/remove"), &[]).await;
    removed.shows("The endpoint is removed.").hides("two");
    assert_eq!(browser.look(&page).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superuser_chooses_the_owner_by_name_and_others_are_always_it_themselves() {
    let desk = Desk::open().await;
    let receiver = Receiver::open(200).await;
    let browser = Browser::of(&desk, ADMIN).await;
    let form = |name, owner| {
        [
            ("name", name),
            ("url", receiver.url.as_str()),
            ("owner", owner),
        ]
    };
    let refused = browser.send("/webhooks/new", &form("a", "nobody<b>")).await;
    assert_eq!(refused.status, 400);
    refused.shows("Nobody is called “nobody&lt;b&gt;”.");
    browser
        .look("/webhooks/new")
        .await
        .shows("<option value=\"mei\">");
    let hers = id_of(&browser.send("/webhooks/new", &form("hers", "mei")).await);
    browser.send("/webhooks/new", &form("ours", "")).await;
    let mei = Browser::of(&desk, MEI).await;
    mei.look("/webhooks")
        .await
        .shows("hers")
        .hides("ours")
        .hides("owner_name");
    let own = id_of(&mei.send("/webhooks/new", &form("own", "admin")).await);
    let listed = desk.read(ADMIN, "/notification_webhooks/?owner=2").await;
    assert_eq!(crate::desk::ids(&listed), [hers, own]);
}

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
async fn a_signing_secret_is_shown_once_and_two_sign_while_one_replaces_the_other() {
    let desk = Desk::open().await;
    let id = stored(&desk, "siem", Some(MEI)).await;
    let (browser, page) = (Browser::of(&desk, MEI).await, format!("/webhooks/{id}"));
    let secret = |seen: &Seen| {
        let from = seen.text.find("whsec_").expect("a secret");
        seen.text[from..].split('<').next().unwrap().to_owned()
    };
    browser.look(&page).await.shows("Requests are not signed");
    let made = browser.send(&format!("{page}/secret"), &[]).await;
    assert_eq!(
        (made.status, made.headers["cache-control"].as_str()),
        (200, "no-store")
    );
    let first = secret(&made);
    browser
        .look(&page)
        .await
        .hides("whsec_")
        .shows("signed with one secret");
    let again = browser.send(&format!("{page}/secret"), &[]).await;
    assert_eq!(again.status, 409);
    again.hides("whsec_").shows("has a secret already");
    let form = [("overlap", "3600"), ("seen", "")];
    let rotated = browser.send(&format!("{page}/secret/rotate"), &form).await;
    assert_ne!(secret(&rotated), first);
    rotated.shows("The one before signs too until");
    let endpoint = desk.store().webhook_endpoint(id).await.unwrap().unwrap();
    assert_eq!(endpoint.signing_secrets.len(), 2);
    let reloaded = browser.send(&format!("{page}/secret/rotate"), &form).await;
    assert_eq!(reloaded.status, 409);
    reloaded.hides("whsec_").shows("two signatures");
    browser
        .send_on(&format!("{page}/secret/end"), &[])
        .await
        .shows("signs no more")
        .shows("signed with one secret");
    let ended = browser.send(&format!("{page}/secret/end"), &[]).await;
    assert_eq!(ended.status, 409);
    browser
        .send_on(&format!("{page}/secret/remove"), &[])
        .await
        .shows("Requests are not signed");
    let wrong = [("overlap", "-5"), ("seen", "")];
    let wrong = browser.send(&format!("{page}/secret/rotate"), &wrong).await;
    assert_eq!(wrong.status, 400);
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
async fn a_form_that_cannot_be_used_names_its_fields_and_sends_no_ping() {
    let desk = Desk::open().await;
    let receiver = Receiver::open(200).await;
    let browser = Browser::of(&desk, MEI).await;
    let refused = browser
        .send(
            "/webhooks/new",
            &[("name", ""), ("url", "http://10.0.0.1/")],
        )
        .await;
    assert_eq!(refused.status, 400);
    refused
        .shows("This field may not be blank.")
        .shows("aria-invalid=\"true\"");
    let taken = [("name", "one"), ("url", receiver.url.as_str())];
    browser.send("/webhooks/new", &taken).await;
    let refused = browser.send("/webhooks/new", &taken).await;
    assert_eq!(refused.status, 400);
    refused.shows("with this name already exists");
    let pings = receiver.pings.load(Ordering::SeqCst);
    let long = "n".repeat(101);
    let form = [("name", long.as_str()), ("url", receiver.url.as_str())];
    assert_eq!(browser.send("/webhooks/new", &form).await.status, 400);
    assert_eq!(receiver.pings.load(Ordering::SeqCst), pings);
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
        recipient: None,
        destination: Some(destination),
        lease: Duration::from_secs(60),
    };
    desk.store().claim(&[attempt]).await.unwrap();
    let settlement = Settlement {
        finished: vec![Finished {
            job,
            attempt: 1,
            state: State::Retrying,
            reason: Some(Reason::ReceiverError),
            detail: Some("<script>boom".to_owned()),
            provider_id: None,
            status: Some(503),
        }],
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
