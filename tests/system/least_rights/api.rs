//! The API as its own user.

use chassis::broker::User;
use serde_json::json;
use system_tests::api::Api;
use system_tests::play::{CRANES, MEI, Play};

use super::{broker_url, database_url};

/// It answers and does everything that people ask of it.
pub(super) async fn the_api_answers(play: &Play) {
    let api = Api::serve(
        play,
        &[
            ("DD_BROKER_TOPOLOGY", "check".to_owned()),
            ("DD_BROKER_URL", broker_url(play, User::Api)),
            ("DD_DATABASE_URL", database_url(play, User::Api)),
        ],
    )
    .await;
    let admin = api.token(play, "admin").await;
    for list in [
        "notifications",
        "notification_webhooks",
        "system_settings",
        "users",
        "user_contact_infos",
        "user_profile",
        "products",
        "product_types",
        "alerts",
        "events",
        "deliveries",
        "dead_letters",
        "destinations",
        "templates",
        "timetable",
    ] {
        let (status, answer) = api.get(&admin, &format!("/{list}/")).await;
        assert_eq!(status, 200, "{list}: {answer}");
    }
    let event = json!({"specversion": "1.0", "id": "over-http", "source": "api", "type": "other", "data": {"title": "T"}});
    // Whoever writes an alert rings the bell, and the API hears it.
    let mut bell = api.bell(&admin).await;
    let before = bell.rings().await;
    let rule = json!({"user": MEI, "product": CRANES});
    let slack = json!({"name": "rights", "channel": "slack", "address": "#rights", "filter": {"tags": ["none"]}});
    for (path, body, expected) in [
        ("/explain/", &event, 200),
        ("/events/", &event, 202),
        ("/test_send/", &json!({}), 202),
        ("/notifications/", &rule, 201),
        ("/destinations/", &slack, 201),
        ("/alerts/mark_read/", &json!({"ids": []}), 200),
        ("/alerts/remove/", &json!({"ids": []}), 200),
        (
            "/notification_webhooks/",
            &json!({"name": "rights", "url": "https://rights.example/"}),
            201,
        ),
        ("/notification_webhooks/1/deactivate/", &json!({}), 200),
    ] {
        let (status, answer) = api.post(&admin, path, body).await;
        assert_eq!(status, expected, "{path}: {answer}");
    }
    assert!(bell.rings().await > before);
    let (status, answer) = api
        .patch(
            &admin,
            "/system_settings/1/",
            &json!({"team_name": "Rights"}),
        )
        .await;
    assert_eq!(status, 200, "{answer}");
    let template = json!({"file": "other.txt", "source": "{{ title }}"});
    for (path, removal, body) in [
        ("/templates/", "/templates/?file=other.txt", &template),
        ("/timetable/", "/timetable/", &json!({})),
    ] {
        for _ in 0..2 {
            let (status, answer) = api.put(&admin, path, body).await;
            assert_eq!(status, 200, "{path}: {answer}");
        }
        let (status, answer) = api.delete(&admin, removal).await;
        assert_eq!(status, 204, "{path}: {answer}");
    }
    play.store().activate_webhook(1).await.unwrap();
    api.stop().await;
}
