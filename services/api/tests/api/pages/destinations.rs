//! Destinations on pages.

use proto_events::Service;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::desk::{ADMIN, Desk, MEI};

/// A destination that is stored.
async fn stored(desk: &Desk, body: &Value) -> i64 {
    let made = desk.send(ADMIN, "POST", "/destinations/", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.body["id"].as_i64().unwrap()
}

async fn read(desk: &Desk, id: i64) -> Value {
    desk.read(ADMIN, &format!("/destinations/{id}/")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_is_added_with_names_changed_and_removed() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    browser
        .look("/destinations")
        .await
        .shows("No destinations yet.");
    let form = [
        ("name", "payments"),
        ("channel", "slack"),
        ("address", "#payments"),
        ("events", "scan_added"),
        ("events", "sla_breach"),
        ("other_events", "engagement_closed\r\n"),
        ("more_products", "Cranes\r\n#8\r\n"),
        ("more_product_types", "Port"),
        ("tags", "pci\r\n"),
        ("minimum_severity", "High"),
    ];
    browser
        .send_on("/destinations/new", &form)
        .await
        .shows("“payments” is added.")
        .shows("Scan Added, SLA Breach, engagement_closed")
        .shows("Cranes, Ships")
        .shows("High or worse")
        .shows("channel is off in System Settings");
    let listed = desk.read(ADMIN, "/destinations/?filtered=true").await;
    let filter = json!({
        "events": ["scan_added", "sla_breach", "engagement_closed"], "products": [7, 8],
        "product_types": [1], "tags": ["pci"], "minimum_severity": "High",
    });
    assert_eq!(listed["results"][0]["filter"], filter);
    let id = listed["results"][0]["id"].as_i64().unwrap();
    let page = format!("/destinations/{id}");
    browser
        .look(&page)
        .await
        .shows("name=\"products\" value=\"7\" checked")
        .shows("value=\"scan_added\" checked")
        .shows(">engagement_closed</textarea>");
    let form = [
        ("address", "#pay"),
        ("products", "8"),
        ("more_products", "Ships"),
    ];
    browser
        .send_on(&page, &form)
        .await
        .shows("“payments” is saved.")
        .shows("#pay")
        .hides("Cranes");
    let changed = read(&desk, id).await;
    assert_eq!(
        (&changed["filter"], &changed["address"]),
        (&json!({"products": [8]}), &json!("#pay"))
    );
    browser
        .send_on(&format!("{page}/remove"), &[])
        .await
        .shows("“payments” is removed.")
        .shows("No destinations yet.");
    assert_eq!(browser.look(&page).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_form_keeps_what_was_written_except_the_secret() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    let form = [
        ("name", "teams"),
        ("channel", "msteams"),
        ("msteams_url", "ftp://hunter2.example/"),
        ("more_products", "Cranes\nNo <b>such"),
        ("events", "test_added"),
        ("tags", "a\nb"),
    ];
    let refused = browser.send("/destinations/new", &form).await;
    assert_eq!(refused.status, 400);
    refused
        .shows("No product is called “No &lt;b&gt;such”.")
        .shows("value=\"teams\"")
        .shows("value=\"msteams\" selected")
        .shows("value=\"test_added\" checked")
        .hides("hunter2");
    let again = [
        ("name", "teams"),
        ("channel", "msteams"),
        ("msteams_url", "ftp://hunter2.example/"),
    ];
    let refused = browser.send("/destinations/new", &again).await;
    assert_eq!(refused.status, 400);
    refused.shows("Enter a valid URL.").hides("hunter2");
    let odd = [
        ("name", "n"),
        ("channel", "pigeon"),
        ("minimum_severity", "Terrible"),
    ];
    let refused = browser.send("/destinations/new", &odd).await;
    assert_eq!(refused.status, 400);
    refused.shows("role=\"alert\"");
    let many = "x\n".repeat(101);
    let form = [("name", "n"), ("more_product_types", many.as_str())];
    let refused = browser.send("/destinations/new", &form).await;
    assert_eq!(refused.status, 400);
    refused.shows("Add at most 100 at a time.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teams_url_is_replaced_and_never_shown() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    let first = json!({"name": "teams", "channel": "msteams", "msteams_url": "https://teams.example/first"});
    let id = stored(&desk, &first).await;
    let page = format!("/destinations/{id}");
    browser.look(&page).await.hides("teams.example");
    browser
        .look("/destinations")
        .await
        .hides("teams.example")
        .shows("Its URL is a secret.");
    let around = async || {
        desk.store()
            .surroundings(Service::TeamsSender, &[id])
            .await
            .unwrap()
    };
    let url = async || match around().await.places.remove(&id) {
        Some(store::Place::Teams { url }) => secrecy::ExposeSecret::expose_secret(&url).to_owned(),
        other => panic!("{other:?}"),
    };
    browser
        .send_on(&page, &[("tags", "pci"), ("msteams_url", "")])
        .await;
    assert_eq!(url().await, "https://teams.example/first");
    let second = [("msteams_url", "https://teams.example/second")];
    browser
        .send_on(&page, &second)
        .await
        .shows("saved")
        .hides("second");
    assert_eq!(url().await, "https://teams.example/second");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_is_sent_to_a_place_and_leads_back_to_where_it_was_asked_for() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    let list = "/destinations?filtered=false&channel=mail&search=MEI";
    browser
        .look(list)
        .await
        .shows("mei@hafen.example")
        .shows("Send a test to mei")
        .hides("admin@hafen.example");
    let page = desk
        .read(ADMIN, "/destinations/?channel=mail&search=mei@")
        .await;
    let path = format!("/destinations/{}/test", page["results"][0]["id"]);
    let form = [(
        "query",
        "?filtered=false&channel=mail&search=mei\r\nSet-Cookie: a=b",
    )];
    let sent = browser.send(&path, &form).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    let back = sent.location.unwrap();
    assert!(
        back.starts_with("/destinations?filtered=false&channel=mail&search=mei"),
        "{back}"
    );
    browser
        .look("/destinations?filtered=false")
        .await
        .shows("A test message to “mei” is on its way");
}

#[tokio::test(flavor = "multi_thread")]
async fn destinations_are_for_superusers_and_their_texts_are_text() {
    let desk = Desk::open().await;
    let evil = "<script>alert(1)</script>\"'&";
    let body = json!({"name": evil, "channel": "slack", "address": evil, "filter": {"events": [evil], "tags": [evil]}});
    let id = stored(&desk, &body).await;
    let mei = Browser::of(&desk, MEI).await;
    let page = format!("/destinations/{id}");
    for path in ["/destinations", "/destinations/new", &page] {
        assert_eq!(mei.look(path).await.status, 403, "{path}");
    }
    for path in [
        "/destinations/new",
        &page,
        &format!("{page}/remove"),
        &format!("{page}/test"),
    ] {
        assert_eq!(mei.send(path, &[]).await.status, 403, "{path}");
    }
    let browser = Browser::of(&desk, ADMIN).await;
    for path in ["/destinations", &page] {
        browser
            .look(path)
            .await
            .shows("&lt;script&gt;")
            .hides("<script>alert");
    }
    for path in ["/destinations/none", "/destinations/999999"] {
        assert_eq!(browser.look(path).await.status, 404, "{path}");
    }
    let wrong = browser.look("/destinations?channel=pigeon").await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_without_a_filter_is_neither_changed_nor_removed() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, ADMIN).await;
    let places = desk.read(ADMIN, "/destinations/?filtered=false").await;
    let page = format!("/destinations/{}", places["results"][0]["id"]);
    browser.look(&page).await.shows("This one has no filter");
    assert_eq!(browser.send(&page, &[("tags", "x")]).await.status, 400);
    assert_eq!(
        browser.send(&format!("{page}/remove"), &[]).await.status,
        400
    );
}
