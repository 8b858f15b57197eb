//! Templates: read, and tried without being sent.

use serde_json::{Value, json};

use crate::desk::{ADMIN, Answer, Desk, MEI};

async fn preview(desk: &Desk, channel: &str, more: &Value) -> Answer {
    let mut trial = json!({"channel": channel, "event": {"specversion": "1.0", "id": "1", "source": "test",
        "type": "product_added", "data": {"title": "Cranes <b>", "url": "/product/7"}}});
    for (name, value) in more.as_object().into_iter().flatten() {
        trial[name] = value.clone();
    }
    desk.send(ADMIN, "POST", "/templates/preview/", &trial)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_templates_in_force_can_be_read() {
    let desk = Desk::open().await;
    let all = desk.read(MEI, "/templates/?limit=3&offset=2").await;
    assert_eq!(all["results"].as_array().unwrap().len(), 3);
    let mail = desk.read(MEI, "/templates/?file=mail.html").await;
    assert_eq!(mail["count"], 1);
    assert_eq!(mail["results"][0]["built_in"], true);
    assert!(
        mail["results"][0]["source"]
            .as_str()
            .unwrap()
            .contains("<html")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_can_be_read_before_it_is_sent_in_every_channel() {
    let desk = Desk::open().await;
    for channel in ["alert", "mail", "slack", "msteams", "webhooks"] {
        let shown = preview(&desk, channel, &json!({})).await;
        assert_eq!(shown.status, 200, "{channel}: {shown:?}");
        assert!(
            shown.body["message"].to_string().contains("Cranes"),
            "{shown:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_can_be_tried_and_a_broken_one_is_told_with_its_line() {
    let desk = Desk::open().await;
    let file = "product_added.txt";
    let tried = preview(
        &desk,
        "alert",
        &json!({"file": file, "source": "Hail to {{ title }}"}),
    )
    .await;
    let text = tried.body["message"]["description"].as_str().unwrap();
    assert!(text.starts_with("Hail to Cranes"), "{tried:?}");
    for source in ["{{ title", "{{ nothing_like_it }}", "{{ title | shouted }}"] {
        let broken = preview(&desk, "alert", &json!({"file": file, "source": source})).await;
        assert_eq!(
            (broken.status, broken.body["source"].is_array()),
            (400, true),
            "{source}: {broken:?}"
        );
    }
    let refused = desk
        .send(MEI, "POST", "/templates/preview/", &json!({}))
        .await;
    assert_eq!(refused.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_written_by_superusers_and_given_back() {
    let desk = Desk::open().await;
    let body = json!({"file": "slack/scan_added.txt", "source": "Ahoy {{ product }}"});
    assert_eq!(
        desk.send(MEI, "PUT", "/templates/", &body).await.status,
        403
    );
    let written = desk.send(ADMIN, "PUT", "/templates/", &body).await;
    assert_eq!(written.status, 200, "{written:?}");
    assert_eq!(
        (&written.body["origin"], &written.body["updated_by"]),
        (&json!("stored"), &json!("admin"))
    );
    let one = "/templates/?file=slack/scan_added.txt";
    assert_eq!(desk.read(MEI, one).await["results"][0], written.body);
    assert_eq!(desk.ask(MEI, "DELETE", one).await.status, 403);
    assert_eq!(desk.ask(ADMIN, "DELETE", one).await.status, 204);
    assert_eq!(desk.ask(ADMIN, "DELETE", one).await.status, 404);
    assert_eq!(desk.read(MEI, one).await["count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_sender_could_use_is_not_written() {
    let desk = Desk::open().await;
    for (file, source, field) in [
        ("style.css", "x", "file"),
        ("", "x", "file"),
        ("pigeon/other.txt", "x", "file"),
        ("a\nb.txt", "x", "file"),
        ("other.txt", "{{ nothing_like_it }}", "source"),
        ("other.txt", "a\u{0}b", "source"),
        ("mail.html", "{% for %}", "source"),
    ] {
        let body = json!({"file": file, "source": source});
        let refused = desk.send(ADMIN, "PUT", "/templates/", &body).await;
        assert_eq!(
            (refused.status, refused.body[field].is_array()),
            (400, true),
            "{body}: {refused:?}"
        );
    }
    let long = json!({"file": format!("{}.txt", "x".repeat(200)), "source": "x".repeat(70_000)});
    let refused = desk.send(ADMIN, "PUT", "/templates/", &long).await;
    assert!(
        refused.body["file"].is_array() && refused.body["source"].is_array(),
        "{refused:?}"
    );
    assert_eq!(desk.store().stored_templates().await.unwrap(), []);
}
