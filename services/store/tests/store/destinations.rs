use std::collections::HashMap;

use proto_events::directory::{Destination, Settings, User};
use proto_events::{Channel, Service};
use secrecy::{ExposeSecret, SecretString};
use store::{NewWebhook, Place, Scratch, Store};

use crate::support::{mailed, refused_by, scratch, settings, sql, user};

async fn destinations(store: &Store) -> Vec<Destination> {
    store.load_directory().await.unwrap().destinations
}

/// The only destination of a channel and user.
async fn id_of(store: &Store, channel: Channel, user: Option<i64>) -> i64 {
    let all = destinations(store).await;
    let mut found = all
        .iter()
        .filter(|place| place.channel == channel && place.user == user);
    let id = found.next().expect("a destination").id;
    assert!(found.next().is_none());
    id
}

async fn place(store: &Store, id: i64) -> Place {
    store
        .surroundings(Service::WebhookSender, &[id])
        .await
        .unwrap()
        .places
        .remove(&id)
        .unwrap()
}

fn endpoint(name: &str, owner: Option<i64>) -> NewWebhook {
    NewWebhook {
        name: name.to_owned(),
        url: "https://siem.example/hook".to_owned(),
        header_name: Some("X-Token".to_owned()),
        header_value: Some(SecretString::from("s3cret")),
        owner,
    }
}

fn slacker(id: i64, username: &str) -> User {
    User {
        slack_email: Some(format!("{username}@slack.example")),
        ..mailed(id, username)
    }
}

/// Alice with every way to reach her, and every place of the system.
async fn everything() -> Scratch {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_users(&[slacker(1, "alice")]).await.unwrap();
    store.put_settings(&settings()).await.unwrap();
    store
        .put_settings_secrets(
            None,
            Some(&SecretString::from("https://teams.example/secret")),
        )
        .await
        .unwrap();
    store.put_webhook(&endpoint("system", None)).await.unwrap();
    store
        .put_webhook(&endpoint("alices", Some(1)))
        .await
        .unwrap();
    scratch
}

#[tokio::test]
async fn every_place_has_one_destination() {
    let scratch = everything().await;
    let mut count = HashMap::new();
    for place in destinations(scratch.store()).await {
        assert!(!place.switched_off);
        *count.entry((place.channel, place.user)).or_insert(0) += 1;
    }
    let expected = HashMap::from([
        ((Channel::Mail, None), 2),
        ((Channel::Mail, Some(1)), 1),
        ((Channel::Slack, None), 1),
        ((Channel::Slack, Some(1)), 1),
        ((Channel::Msteams, None), 1),
        ((Channel::Webhooks, None), 1),
        ((Channel::Webhooks, Some(1)), 1),
    ]);
    assert_eq!(count, expected);
}

#[tokio::test]
async fn a_destination_tells_what_an_attempt_needs() {
    let scratch = everything().await;
    let store = scratch.store();
    let at = async |channel, user| place(store, id_of(store, channel, user).await).await;
    assert!(
        matches!(at(Channel::Mail, Some(1)).await, Place::Mail { address } if address == "alice@example.com")
    );
    assert!(
        matches!(at(Channel::Slack, None).await, Place::SlackChannel { channel } if channel == "#security")
    );
    assert!(matches!(at(Channel::Slack, Some(1)).await,
        Place::SlackUser { user_id: None, email, lookup: None } if email == "alice@slack.example"));
    assert!(matches!(at(Channel::Msteams, None).await,
        Place::Teams { url } if url.expose_secret() == "https://teams.example/secret"));
    let Place::Webhook(alices) = at(Channel::Webhooks, Some(1)).await else {
        panic!("no endpoint")
    };
    assert_eq!(
        (alices.name.as_str(), alices.url.as_str()),
        ("alices", "https://siem.example/hook")
    );
    assert_eq!(alices.header_name.as_deref(), Some("X-Token"));
    assert_eq!(alices.header_value.unwrap().expose_secret(), "s3cret");
    assert_eq!(alices.owner, Some(slacker(1, "alice")));
}

#[tokio::test]
async fn each_address_of_the_system_is_a_destination_of_its_own() {
    let scratch = scratch().await;
    let store = scratch.store();
    let to = async |addresses: &str| {
        let settings = Settings {
            mail_notifications_to: addresses.to_owned(),
            ..Settings::default()
        };
        store.put_settings(&settings).await.unwrap();
        let ids: Vec<i64> = destinations(store)
            .await
            .iter()
            .map(|place| place.id)
            .collect();
        let mut found = HashMap::new();
        for (id, place) in store
            .surroundings(Service::WebhookSender, &ids)
            .await
            .unwrap()
            .places
        {
            let Place::Mail { address } = place else {
                panic!("{place:?}")
            };
            found.insert(address, id);
        }
        found
    };
    let first = to(" soc@example.com,ciso@example.com, soc@example.com,, ").await;
    assert_eq!(first.len(), 2);
    let second = to("soc@example.com").await;
    assert_eq!(
        second,
        HashMap::from([("soc@example.com".to_owned(), first["soc@example.com"])])
    );
    assert!(matches!(
        place(store, first["ciso@example.com"]).await,
        Place::Gone
    ));
    assert_eq!(to("ciso@example.com,soc@example.com").await, first);
}

#[tokio::test]
async fn a_changed_address_keeps_its_destination_and_is_in_force_at_once() {
    let scratch = everything().await;
    let store = scratch.store();
    let id = id_of(store, Channel::Mail, Some(1)).await;
    store
        .put_users(&[User {
            email: "new@example.com".to_owned(),
            ..slacker(1, "alice")
        }])
        .await
        .unwrap();
    assert_eq!(id_of(store, Channel::Mail, Some(1)).await, id);
    assert!(
        matches!(place(store, id).await, Place::Mail { address } if address == "new@example.com")
    );
}

#[tokio::test]
async fn what_is_gone_is_found_to_be_gone_and_gets_its_id_back_when_it_returns() {
    let scratch = everything().await;
    let store = scratch.store();
    let mail = id_of(store, Channel::Mail, Some(1)).await;
    let slack = id_of(store, Channel::Slack, Some(1)).await;
    store.put_users(&[user(1, "alice")]).await.unwrap();
    assert!(
        matches!(place(store, mail).await, Place::Gone)
            && matches!(place(store, slack).await, Place::Gone)
    );
    assert!(
        !destinations(store)
            .await
            .iter()
            .any(|place| [mail, slack].contains(&place.id))
    );
    store.put_users(&[slacker(1, "alice")]).await.unwrap();
    assert_eq!(id_of(store, Channel::Mail, Some(1)).await, mail);
    assert_eq!(id_of(store, Channel::Slack, Some(1)).await, slack);

    let channel = id_of(store, Channel::Slack, None).await;
    let teams = id_of(store, Channel::Msteams, None).await;
    store.put_settings(&Settings::default()).await.unwrap();
    store.put_settings_secrets(None, None).await.unwrap();
    assert!(
        matches!(place(store, channel).await, Place::Gone)
            && matches!(place(store, teams).await, Place::Gone)
    );
    assert!(matches!(place(store, 4711).await, Place::Gone));
}

#[tokio::test]
async fn everything_of_an_inactive_or_deleted_user_is_gone() {
    let scratch = everything().await;
    let store = scratch.store();
    let ids: Vec<i64> = destinations(store)
        .await
        .iter()
        .filter(|place| place.user == Some(1))
        .map(|place| place.id)
        .collect();
    assert_eq!(ids.len(), 3);
    store
        .put_users(&[User {
            active: false,
            ..slacker(1, "alice")
        }])
        .await
        .unwrap();
    assert!(
        store
            .surroundings(Service::WebhookSender, &ids)
            .await
            .unwrap()
            .places
            .values()
            .all(|place| matches!(place, Place::Gone))
    );
    store.put_users(&[slacker(1, "alice")]).await.unwrap();
    assert!(
        !store
            .surroundings(Service::WebhookSender, &ids)
            .await
            .unwrap()
            .places
            .values()
            .any(|place| matches!(place, Place::Gone))
    );
    store.delete_users(&[1]).await.unwrap();
    assert!(
        store
            .surroundings(Service::WebhookSender, &ids)
            .await
            .unwrap()
            .places
            .values()
            .all(|place| matches!(place, Place::Gone))
    );
}

#[tokio::test]
async fn an_endpoint_keeps_its_destination_through_edits_and_loses_it_when_removed() {
    let scratch = everything().await;
    let store = scratch.store();
    let id = id_of(store, Channel::Webhooks, None).await;
    let endpoint_id = store
        .put_webhook(&endpoint("system", Some(1)))
        .await
        .unwrap();
    assert!(
        destinations(store)
            .await
            .iter()
            .any(|place| place.id == id && place.user == Some(1))
    );
    store.delete_webhook(endpoint_id).await.unwrap();
    assert!(matches!(place(store, id).await, Place::Gone));
    assert!(!destinations(store).await.iter().any(|place| place.id == id));
}

#[tokio::test]
async fn only_a_person_switches_an_endpoint_off_for_the_router() {
    let scratch = everything().await;
    let store = scratch.store();
    let id = id_of(store, Channel::Webhooks, None).await;
    let switched_off = async || {
        destinations(store)
            .await
            .iter()
            .find(|place| place.id == id)
            .unwrap()
            .switched_off
    };
    sql(
        &scratch,
        "UPDATE notification_webhooks SET status = 'inactive_permanent'",
    )
    .await
    .unwrap();
    assert!(!switched_off().await);
    assert!(matches!(place(store, id).await, Place::Disabled));
    let webhook = store.put_webhook(&endpoint("system", None)).await.unwrap();
    store.switch_off_webhook(webhook).await.unwrap();
    assert!(switched_off().await);
    assert!(matches!(place(store, id).await, Place::Disabled));
    store.put_webhook(&endpoint("system", None)).await.unwrap();
    assert!(!switched_off().await);
}

#[tokio::test]
async fn an_endpoint_that_has_rested_for_a_minute_is_tried_again() {
    let scratch = everything().await;
    let store = scratch.store();
    let id = id_of(store, Channel::Webhooks, None).await;
    let rests = "UPDATE notification_webhooks SET status = 'inactive_tmp', last_error = now() - interval '50 s'";
    sql(&scratch, rests).await.unwrap();
    let Place::Resting { until } = place(store, id).await else {
        panic!("it does not rest")
    };
    let left = (until - chrono::Utc::now()).num_seconds();
    assert!((1..=10).contains(&left), "{left} s");
    let rested = "UPDATE notification_webhooks SET last_error = now() - interval '60 s'";
    sql(&scratch, rested).await.unwrap();
    assert!(matches!(place(store, id).await, Place::Webhook(_)));
}

#[tokio::test]
async fn endpoints_keep_defectdojos_limits_and_an_empty_header_name_is_none() {
    let scratch = everything().await;
    for (statement, constraint) in [
        (
            "INSERT INTO notification_webhooks (name, url) VALUES ('system', 'x')",
            "notification_webhooks_name_key",
        ),
        (
            "INSERT INTO notification_webhooks (name, url) VALUES (repeat('n', 101), 'x')",
            "notification_webhooks_name_check",
        ),
        (
            "INSERT INTO notification_webhooks (name, url) VALUES ('', 'x')",
            "notification_webhooks_name_check",
        ),
        (
            "INSERT INTO notification_webhooks (name, url) VALUES ('n', repeat('u', 201))",
            "notification_webhooks_url_check",
        ),
        (
            "UPDATE notification_webhooks SET note = repeat('n', 1001)",
            "notification_webhooks_note_check",
        ),
        (
            "UPDATE notification_webhooks SET status = 'tired'",
            "notification_webhooks_status_check",
        ),
        (
            "UPDATE notification_webhooks SET status = 'inactive_tmp'",
            "notification_webhooks_sleep_has_a_start",
        ),
        (
            "UPDATE notification_webhooks SET disabled_by_person = true",
            "notification_webhooks_person_disables_for_good",
        ),
        (
            "UPDATE notification_webhooks SET header_name = ''",
            "notification_webhooks_header_name_check",
        ),
    ] {
        assert_eq!(
            refused_by(&scratch, statement).await,
            constraint,
            "{statement}"
        );
    }
    let store = scratch.store();
    let headerless = NewWebhook {
        header_name: Some(String::new()),
        header_value: None,
        ..endpoint("system", None)
    };
    store.put_webhook(&headerless).await.unwrap();
    let Place::Webhook(found) = place(store, id_of(store, Channel::Webhooks, None).await).await
    else {
        panic!()
    };
    assert!(found.header_name.is_none() && found.header_value.is_none());
}
