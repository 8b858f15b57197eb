use proto_events::directory::{Destination, Filter, FilteredDestination, Settings};
use proto_events::{Channel, Service, Severity};
use secrecy::{ExposeSecret, SecretString};
use store::{NewDestination, NewPlace, NewWebhook, Place, Store, StoreError};

use crate::support::{mailed, scratch, settings, sql};

fn cranes() -> Filter {
    Filter {
        events: vec!["scan_added".to_owned()],
        products: vec![7],
        minimum_severity: Some(Severity::High),
        ..Filter::default()
    }
}

async fn put(store: &Store, name: &str, place: NewPlace) -> Result<i64, StoreError> {
    let destination = NewDestination {
        name: name.to_owned(),
        place,
        filter: cranes(),
    };
    store.put_destination(&destination).await
}

fn slack(channel: &str) -> NewPlace {
    NewPlace::Slack(channel.to_owned())
}

fn hook() -> NewPlace {
    NewPlace::Webhook {
        url: "https://siem.example/cranes".to_owned(),
        header: Some(("X-Token".to_owned(), SecretString::from("s3cret"))),
    }
}

async fn place(store: &Store, id: i64) -> Place {
    let mut places = store
        .surroundings(Service::TeamsSender, &[id])
        .await
        .unwrap()
        .places;
    places.remove(&id).unwrap()
}

async fn filtered(store: &Store) -> Vec<FilteredDestination> {
    store.load_directory().await.unwrap().filtered
}

#[tokio::test]
async fn a_destination_of_every_channel_is_read_with_its_filter_and_leads_to_its_own_place() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_settings(&settings()).await.unwrap();
    let url = SecretString::from("https://teams.example/cranes");
    let mail = put(store, "mail", NewPlace::Mail("c@example.com".to_owned()));
    let mail = mail.await.unwrap();
    let first = put(store, "one", slack("#cranes")).await.unwrap();
    let second = put(store, "two", slack("#ships")).await.unwrap();
    let teams = put(store, "teams", NewPlace::Msteams(url)).await.unwrap();
    let hook = put(store, "hook", hook()).await.unwrap();

    let expected = [
        (mail, "mail", Channel::Mail),
        (first, "one", Channel::Slack),
        (second, "two", Channel::Slack),
        (teams, "teams", Channel::Msteams),
        (hook, "hook", Channel::Webhooks),
    ];
    let expected = expected.map(|(id, name, channel)| FilteredDestination {
        destination: Destination {
            id,
            channel,
            user: None,
            switched_off: false,
        },
        name: name.to_owned(),
        filter: cranes(),
    });
    assert_eq!(filtered(store).await, expected);
    assert!(
        matches!(place(store, mail).await, Place::Mail { address } if address == "c@example.com")
    );
    assert!(
        matches!(place(store, second).await, Place::SlackChannel { channel } if channel == "#ships")
    );
    assert!(matches!(place(store, teams).await,
        Place::Teams { url } if url.expose_secret() == "https://teams.example/cranes"));
    let Place::Webhook(endpoint) = place(store, hook).await else {
        panic!("no endpoint")
    };
    assert_eq!(endpoint.url, "https://siem.example/cranes");
    assert_eq!(endpoint.header_value.unwrap().expose_secret(), "s3cret");
}

#[tokio::test]
async fn the_system_s_own_places_come_and_go_without_touching_those_with_a_name() {
    let scratch = scratch().await;
    let store = scratch.store();
    // The same places as the system's.
    let named = put(store, "one", slack("#security")).await.unwrap();
    let mailed = put(store, "two", NewPlace::Mail("soc@example.com".to_owned()));
    let mailed = mailed.await.unwrap();
    for settings in [settings(), Settings::default(), settings()] {
        store.put_settings(&settings).await.unwrap();
        let ids: Vec<i64> = filtered(store)
            .await
            .iter()
            .map(|it| it.destination.id)
            .collect();
        assert_eq!(ids, [named, mailed]);
        assert!(!matches!(place(store, named).await, Place::Gone));
    }
    let all = store.load_directory().await.unwrap().destinations;
    let of_slack = all.iter().filter(|it| it.channel == Channel::Slack);
    assert_eq!(of_slack.count(), 1);
}

#[tokio::test]
async fn a_change_keeps_the_id_and_what_is_removed_is_gone_with_its_secret() {
    let scratch = scratch().await;
    let store = scratch.store();
    let id = put(store, "one", slack("#cranes")).await.unwrap();
    assert_eq!(put(store, "one", slack("#ships")).await.unwrap(), id);
    assert!(
        matches!(place(store, id).await, Place::SlackChannel { channel } if channel == "#ships")
    );
    let url = SecretString::from("https://teams.example/cranes");
    let teams = put(store, "teams", NewPlace::Msteams(url)).await.unwrap();
    let endpoint = put(store, "hook", hook()).await.unwrap();
    for (name, id) in [("one", id), ("teams", teams), ("hook", endpoint)] {
        assert!(store.remove_destination(name).await.unwrap());
        assert!(!store.remove_destination(name).await.unwrap(), "{name}");
        assert!(matches!(place(store, id).await, Place::Gone), "{name}");
    }
    assert!(filtered(store).await.is_empty());
    assert!(store.named_destinations().await.unwrap().is_empty());
    let sealed = "UPDATE destinations SET gone_at = now() WHERE msteams_url IS NOT NULL";
    assert_eq!(sql(&scratch, sealed).await.unwrap(), 0);
    // The name is free again, also for another channel.
    let again = put(store, "one", hook()).await.unwrap();
    assert_ne!(again, id);
}

#[tokio::test]
async fn a_name_is_one_destination_s_and_takes_no_person_s_endpoint() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_users(&[mailed(1, "alice")]).await.unwrap();
    put(store, "one", slack("#cranes")).await.unwrap();
    put(store, "hook", hook()).await.unwrap();
    let alices = NewWebhook {
        name: "alices".to_owned(),
        url: "https://alice.example".to_owned(),
        header_name: None,
        header_value: None,
        owner: Some(1),
    };
    store.put_webhook(&alices).await.unwrap();
    let mail = || NewPlace::Mail("soc@example.com".to_owned());
    for (name, place) in [("one", mail()), ("one", hook()), ("hook", mail())] {
        let refused = put(store, name, place).await.unwrap_err();
        assert!(matches!(refused, StoreError::NameTaken(_)), "{refused}");
    }
    let refused = put(store, "alices", hook()).await.unwrap_err();
    assert!(refused.to_string().contains("a person's webhook endpoint"));
    assert_eq!(filtered(store).await.len(), 2);
}

#[tokio::test]
async fn an_endpoint_that_is_given_to_a_person_follows_their_rules_from_then_on() {
    let scratch = scratch().await;
    let store = scratch.store();
    store.put_users(&[mailed(1, "alice")]).await.unwrap();
    let id = put(store, "hook", hook()).await.unwrap();
    let given = NewWebhook {
        name: "hook".to_owned(),
        url: "https://alice.example".to_owned(),
        header_name: None,
        header_value: None,
        owner: Some(1),
    };
    store.put_webhook(&given).await.unwrap();
    assert!(filtered(store).await.is_empty());
    let all = store.load_directory().await.unwrap().destinations;
    assert!(all.iter().any(|it| it.id == id && it.user == Some(1)));
}

#[tokio::test]
async fn a_filter_that_this_release_does_not_know_lets_nothing_through() {
    let scratch = scratch().await;
    let store = scratch.store();
    put(store, "one", slack("#cranes")).await.unwrap();
    let newer = "UPDATE destinations SET filter = filter || '{\"moon\": [\"full\"]}'";
    sql(&scratch, newer).await.unwrap();
    let directory = store.load_directory().await.unwrap();
    assert!(directory.filtered.is_empty() && directory.destinations.is_empty());
}
