//! Adding endpoints, and changing them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;

use super::rotating::supposed;
use super::stored;
use crate::browser::{Browser, Seen, version};
use crate::desk::{ADMIN, Desk, MEI};

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
async fn whoever_had_the_form_open_while_somebody_else_saved_is_told_and_overwrites_nothing() {
    let desk = Desk::open().await;
    let receiver = Receiver::open(200).await;
    let browser = Browser::of(&desk, ADMIN).await;
    let form = |name, version| {
        [
            ("name", name),
            ("url", receiver.url.as_str()),
            ("version", version),
        ]
    };
    let id = id_of(&browser.send("/webhooks/new", &form("one", "")).await);
    let page = format!("/webhooks/{id}");
    let before = version(&browser.look(&page).await);
    browser
        .send_on(&page, &form("two", &before))
        .await
        .shows("<h1>two</h1>");
    let refused = browser.send(&page, &form("three", &before)).await;
    assert_eq!(refused.status, 409);
    refused
        .shows("was changed meanwhile")
        .shows("<h1>two</h1>")
        .shows("value=\"three\"");
    // Now they have seen it.
    let after = version(&refused);
    browser
        .send_on(&page, &form("three", &after))
        .await
        .shows("<h1>three</h1>");
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
    let supposed = supposed(&browser.look(&page).await);
    let form = [("overlap", "3600"), ("seen", supposed.as_str())];
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
