//! What somebody writes does not undo what somebody else wrote meanwhile.

use proto_events::directory::{Filter, Limits, RuleChannels, RuleScope};
use proto_events::{Channel, ChannelSet, Column, Service};
use secrecy::{ExposeSecret, SecretString};
use store::browse::{ListedRule, ListedWebhook, RuleFilter, WebhookEdit, WebhookFilter};
use store::{
    Change, NewDestination, NewPlace, NewRule, NewWebhook, Place, SecretChange, Store, Window,
};

use crate::support::scratch;

fn slack(channel: &str) -> NewPlace {
    NewPlace::Slack(channel.to_owned())
}

fn teams(url: &str) -> NewPlace {
    NewPlace::Msteams(SecretString::from(url))
}

fn endpoint(name: &str) -> NewWebhook {
    NewWebhook {
        name: name.to_owned(),
        url: "https://old.example".to_owned(),
        header_name: None,
        header_value: None,
        owner: None,
    }
}

async fn add(store: &Store, name: &str, place: NewPlace) -> Option<i64> {
    let destination = NewDestination {
        name: name.to_owned(),
        place,
        filter: Filter::default(),
    };
    store.add_destination(&destination).await.unwrap()
}

async fn move_to(store: &Store, id: i64, place: NewPlace) -> bool {
    let filter = Filter::default();
    store.move_destination(id, &place, &filter).await.unwrap()
}

async fn place(store: &Store, id: i64) -> Place {
    let mut places = store
        .surroundings(Service::TeamsSender, &[id])
        .await
        .unwrap()
        .places;
    places.remove(&id).unwrap()
}

#[tokio::test]
async fn a_new_destination_replaces_none_that_has_its_name() {
    let scratch = scratch().await;
    let store = scratch.store();
    let hook = || NewPlace::Webhook {
        url: "https://siem.example/in".to_owned(),
        header: Some(("X-Token".to_owned(), SecretString::from("s3cret"))),
    };
    store.put_webhook(&endpoint("endpoint")).await.unwrap();
    let one = add(store, "one", slack("#cranes")).await.unwrap();
    let hooked = add(store, "hook", hook()).await.unwrap();
    for name in ["one", "hook", "endpoint"] {
        assert_eq!(add(store, name, slack("#ships")).await, None, "{name}");
        assert_eq!(add(store, name, hook()).await, None, "{name}");
    }
    assert!(matches!(place(store, one).await,
        Place::SlackChannel { channel } if channel == "#cranes"));
    let Place::Webhook(endpoint) = place(store, hooked).await else {
        panic!("no endpoint")
    };
    assert_eq!(endpoint.header_value.unwrap().expose_secret(), "s3cret");
    assert_eq!(store.named_destinations().await.unwrap().len(), 2);
    // What was removed leaves its name.
    assert!(store.remove_destination("one").await.unwrap());
    assert!(add(store, "one", slack("#ships")).await.is_some());
}

#[tokio::test]
async fn a_destination_that_was_removed_meanwhile_is_not_moved_back_in() {
    let scratch = scratch().await;
    let store = scratch.store();
    let one = add(store, "one", slack("#cranes")).await.unwrap();
    let two = add(store, "two", teams("https://teams.example/1"))
        .await
        .unwrap();
    assert!(move_to(store, one, slack("#ships")).await);
    assert!(move_to(store, two, teams("https://teams.example/2")).await);
    assert!(matches!(place(store, one).await,
        Place::SlackChannel { channel } if channel == "#ships"));
    assert!(matches!(place(store, two).await,
        Place::Teams { url } if url.expose_secret() == "https://teams.example/2"));
    assert!(!move_to(store, one, teams("https://teams.example/3")).await);

    assert!(store.remove_destination("one").await.unwrap());
    assert!(!move_to(store, one, slack("#cranes")).await);
    assert!(matches!(place(store, one).await, Place::Gone));
    assert_eq!(store.named_destinations().await.unwrap().len(), 1);
}

async fn webhook(store: &Store) -> ListedWebhook {
    let all = WebhookFilter::default();
    let webhooks = store.webhooks_page(&all, Window::ONE).await;
    webhooks.unwrap().first().unwrap()
}

async fn system_rule(store: &Store) -> ListedRule {
    let rules = store.rules_page(&RuleFilter::default(), Window::ONE).await;
    let rule = rules.unwrap().first().unwrap();
    assert_eq!(rule.rule.scope, RuleScope::System);
    rule
}

#[tokio::test]
async fn a_rule_is_changed_as_long_as_it_is_the_one_that_was_seen() {
    let scratch = scratch().await;
    let store = scratch.store();
    let seen = system_rule(store).await;
    let told = |channel| {
        let mut channels = RuleChannels::default();
        channels.set(Column::ScanAdded, ChannelSet::ALERT.with(channel));
        NewRule {
            scope: RuleScope::System,
            channels,
        }
    };
    let change = async |version: Option<&str>, channel| {
        let limits = Limits::default();
        let channels = told(channel);
        let changed = store.change_rule(seen.rule.id, version, &channels, limits);
        changed.await.unwrap()
    };
    let version = seen.version.as_str();
    assert_eq!(change(Some(version), Channel::Mail).await, Change::Made);
    assert_eq!(change(Some(version), Channel::Slack).await, Change::Gone);
    let now = system_rule(store).await;
    assert_eq!(now.rule.channels, told(Channel::Mail).channels);
    assert_ne!(now.version, seen.version);
    assert_eq!(change(None, Channel::Slack).await, Change::Made);
}

#[tokio::test]
async fn an_endpoint_is_changed_as_long_as_it_is_the_one_that_was_seen() {
    let scratch = scratch().await;
    let store = scratch.store();
    let id = store.put_webhook(&endpoint("hook")).await.unwrap();
    let seen = webhook(store).await;
    let change = async |version: &str, url: &str| {
        let edit = WebhookEdit {
            name: "hook".to_owned(),
            url: url.to_owned(),
            header_name: None,
            header_value: SecretChange::Leave,
            owner: None,
        };
        store.change_webhook(id, version, &edit).await.unwrap()
    };
    let version = seen.version.as_str();
    assert_eq!(change(version, "https://one.example/").await, Change::Made);
    assert_eq!(change(version, "https://two.example/").await, Change::Gone);
    let now = webhook(store).await;
    assert_eq!(now.url, "https://one.example/");
    // Where it stands is not what people write.
    store.switch_off_webhook(id).await.unwrap();
    assert_eq!(
        change(&now.version, "https://two.example/").await,
        Change::Made
    );
}

#[tokio::test]
async fn system_settings_are_changed_as_long_as_they_are_those_that_were_seen() {
    let scratch = scratch().await;
    let store = scratch.store();
    let version = async || store.settings_standing().await.unwrap().version;
    let name = async |version: Option<&str>, name: &str| {
        let mut all = store.system_settings().await.unwrap();
        name.clone_into(&mut all.settings.team_name);
        let leave = SecretChange::Leave;
        let written = store.put_system_settings(&all, &leave, &leave, version);
        written.await.unwrap()
    };
    let seen = version().await;
    assert!(name(Some(&seen), "one").await);
    assert!(!name(Some(&seen), "two").await);
    let all = store.system_settings().await.unwrap();
    assert_eq!(all.settings.team_name, "one");
    assert!(name(Some(&version().await), "two").await);
    assert!(name(None, "three").await);
}
