//! Each service works with its own rights on broker and database, and has no others.

mod api;
mod refusals;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use chassis::broker::{Topology, User};
use notifyctl::stage::receivers::http::SLACK_POST;
use notifyctl::stage::{Answer, Servers};
use proto_events::Service;
use reqwest::StatusCode;
use reqwest::header::{HeaderValue, RETRY_AFTER};
use secrecy::ExposeSecret as _;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use store::{Store, StoreConfig};
use system_tests::look::{about_cranes, alerted, received, settled};
use system_tests::play::{MEI, Opening, PATIENCE, Play, play_with, until};
use system_tests::servers::{PrivateBroker, PrivateDatabase};
use url::Url;

use self::api::the_api_answers;
use self::refusals::{
    assert_refused, the_slack_sender_may_do_nothing_else_in_the_database,
    the_slack_sender_may_do_nothing_else_on_the_broker,
};
use crate::bad_input::filed;
use crate::directory_sync::{change, publish as publish_changes};

/// A broker and a database whose users are the services.
struct Guarded {
    broker: PrivateBroker,
    database: PrivateDatabase,
}

impl Guarded {
    async fn start() -> Self {
        let (broker, database) =
            tokio::try_join!(PrivateBroker::start(), PrivateDatabase::start()).unwrap();
        Self { broker, database }
    }

    /// An installation that nobody works in yet.
    fn opening(&self) -> Opening {
        Opening {
            servers: Servers {
                broker_url: self.broker.url().parse().unwrap(),
                database_url: self.database.url().to_owned().into(),
            },
            services: Vec::new(),
            environment: vec![("DD_BROKER_TOPOLOGY", "check".to_owned())],
            ..Opening::default()
        }
    }

    /// Makes the users of the broker, and imports what `notifyctl topology definitions` prints.
    async fn grant_on_broker(&self, play: &Play) {
        for user in User::all() {
            let add = ["add_user", user.as_str(), &password(user)];
            self.broker.control(&add).await.unwrap();
        }
        let broker = play.world.broker();
        let topology = Topology::new(&broker.broker_prefix, &broker.retry_ladder);
        let file = self.broker.folder().join("definitions.json");
        fs::write(&file, topology.definitions("/").to_string()).unwrap();
        let import = ["import_definitions", file.to_str().unwrap()];
        self.broker.control(&import).await.unwrap();
    }
}

fn password(user: User) -> String {
    format!("secret-of-{user}")
}

/// A URL with another user.
fn logged_in_as(url: &str, name: &str, password: &str) -> String {
    let mut url = Url::parse(url).unwrap();
    url.set_username(name).unwrap();
    url.set_password(Some(password)).unwrap();
    url.into()
}

fn broker_url(play: &Play, user: User) -> String {
    let administrator = play.world.broker().broker_url.expose_secret();
    logged_in_as(administrator, user.as_str(), &password(user))
}

fn role(user: User) -> String {
    format!("dojo_notify_{}", user.as_str().replace('-', "_"))
}

fn database_url(play: &Play, user: User) -> String {
    let owner = play.world.database_url().expose_secret();
    logged_in_as(owner, &role(user), &password(user))
}

async fn grant_on_database(play: &Play) {
    play.store().grant_roles().await.unwrap();
    let mut owner = play.database().await;
    for user in User::all().filter(|user| *user != User::Publisher) {
        let sql = format!("ALTER ROLE {} PASSWORD '{}'", role(user), password(user));
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut owner)
            .await
            .unwrap();
    }
}

/// Starts every service as itself.
async fn start_services(play: &mut Play) {
    for service in Service::ALL {
        let user = User::Service(service);
        let (broker, database) = (broker_url(play, user), database_url(play, user));
        play.fleet.set(service, "DD_BROKER_URL", &broker);
        play.fleet.set(service, "DD_DATABASE_URL", &database);
    }
    play.fleet
        .set(Service::SlackSender, "DD_SLACK_THREADS", "true");
    play.fleet.start(&Service::ALL).unwrap();
    play.fleet.ready(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn every_service_does_all_of_its_work_with_its_own_rights_and_nothing_else() {
    let guarded = Guarded::start().await;
    play_with(guarded.opening(), async |mut play: Play| {
        guarded.grant_on_broker(&play).await;
        grant_on_database(&play).await;
        start_services(&mut play).await;

        everything_arrives(&play).await;
        what_fails_for_a_while_arrives_later(&play).await;
        what_fails_for_good_is_filed_and_told(&play).await;
        the_directory_follows(&play).await;
        the_old_is_swept(&play).await;
        lines_wake_their_sender(&mut play).await;
        the_api_answers(&play).await;
        nobody_was_refused(&play);

        the_slack_sender_may_do_nothing_else_on_the_broker(&play).await;
        the_slack_sender_may_do_nothing_else_in_the_database(&play).await;
        play.end().await;
    })
    .await;
}

async fn everything_arrives(play: &Play) {
    let event = play.publish("test_added", about_cranes()).await;
    received(play, 9).await;
    alerted(play, &event, &[None, Some("admin"), Some("mei")]).await;
    settled(play, &event, 9).await;
}

/// Over the ladder, a pause, and the line behind it.
async fn what_fails_for_a_while_arrives_later(play: &Play) {
    let slower = Answer::status(StatusCode::TOO_MANY_REQUESTS)
        .header(RETRY_AFTER, HeaderValue::from_static("1"));
    let broken = Answer::status(StatusCode::BAD_GATEWAY);
    play.receivers.script(SLACK_POST, [broken, slower]);
    let event = play.publish("test_added", about_cranes()).await;
    settled(play, &event, 9).await;
    // About a product that nobody knows yet: on the router's ladder.
    let mut unknown = about_cranes();
    unknown["product"] = json!({"id": 4711, "name": "Not yet"});
    let event = play.publish("test_added", unknown).await;
    alerted(play, &event, &[None, Some("admin")]).await;
}

async fn what_fails_for_good_is_filed_and_told(play: &Play) {
    let gone = Answer::status(StatusCode::GONE);
    let broken = Answer::status(StatusCode::SERVICE_UNAVAILABLE);
    play.receivers.script("/hooks/system", [gone]);
    play.receivers.script("/hooks/mei", [broken]);
    play.publish("test_added", about_cranes()).await;
    play.publish_raw("scan_added", b"no event".to_vec()).await;
    publish_changes(play, [b"no change".to_vec()]).await;
    let letters = filed(play, 3).await;
    let services: Vec<&str> = letters.iter().map(|it| it.service.as_str()).collect();
    for service in ["webhook-sender", "event-router", "directory-sync"] {
        assert!(services.contains(&service), "{service}: {services:?}");
    }
    until("the alert about it", async || {
        let alerts = play.store().alerts().await.unwrap();
        let told = |title: &str| title.starts_with("Notification issue");
        alerts.iter().any(|alert| told(&alert.title)).then_some(())
    })
    .await;
}

async fn the_directory_follows(play: &Play) {
    let at = "2026-11-20T08:00:00Z";
    let user = json!({"id": 900, "username": "new", "email": "new@hafen.example", "active": true});
    let membership = json!({"member": {"user": 900}, "of": {"product": 90}});
    let product = json!({"id": 90, "name": "Weighbridge", "product_type": 1});
    let group = json!({"id": 61, "name": "Crew"});
    let member = json!({"group": 61, "user": MEI});
    let changes = [
        // Before its product: on the ladder of directory-sync.
        change("membership", "upsert", at, &membership),
        change("user", "upsert", at, &user),
        change("group", "upsert", at, &group),
        change("group_member", "upsert", at, &member),
        change("product", "upsert", at, &product),
        change(
            "group",
            "delete",
            "2026-11-20T09:00:00Z",
            &json!({"id": 61}),
        ),
    ];
    publish_changes(play, changes.map(String::into_bytes)).await;
    written(play, "SELECT FROM memberships WHERE user_id = 900").await;
    // The router has read the new person.
    play.in_force().await;
}

/// Waits until a query finds a row.
async fn written(play: &Play, query: &'static str) {
    until(query, async || {
        let mut owner = play.database().await;
        let found = sqlx::query(query).fetch_optional(&mut owner).await;
        found.unwrap()
    })
    .await;
}

/// What comes around only now and then.
async fn the_old_is_swept(play: &Play) {
    let store = |service: Service| {
        let config = StoreConfig {
            database_url: database_url(play, User::Service(service)).into(),
            credential_aes_256_key: None,
            database_connections: std::num::NonZeroU32::MIN,
        };
        Store::new(&config, "sweeper").unwrap()
    };
    let router = store(Service::EventRouter);
    for _ in 0..2 {
        router.prune_change_log(Duration::ZERO).await.unwrap();
    }
    let sync = store(Service::DirectorySync);
    sync.sweep_directory().await.unwrap();
}

/// What KEDA asks the database says that a line may move, with the right to nothing else.
async fn lines_wake_their_sender(play: &mut Play) {
    play.publish("test_added", about_cranes()).await;
    written(
        play,
        "SELECT FROM parked_jobs WHERE service = 'webhook-sender'",
    )
    .await;
    play.fleet.kill(Service::WebhookSender).await.unwrap();
    let mut keda = PgConnection::connect(&database_url(play, User::Keda))
        .await
        .unwrap();
    assert_eq!(lines(&mut keda).await["webhook-sender"], 0, "it rests");
    let mut owner = play.database().await;
    sqlx::query("UPDATE parked_jobs SET due = now()")
        .execute(&mut owner)
        .await
        .unwrap();
    let now = lines(&mut keda).await;
    assert_eq!(now["webhook-sender"], 1);
    assert_eq!(now["slack-sender"], 0);
    assert_refused(&mut keda, "SELECT FROM parked_jobs").await;
}

/// The answers to the queries of the ScaledObjects, by service.
async fn lines(keda: &mut PgConnection) -> BTreeMap<String, i64> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .join("k8s/components/keda/scaled-objects.yaml");
    let text = fs::read_to_string(file).unwrap();
    let mut answers = BTreeMap::new();
    for line in text.lines() {
        let Some(query) = line.trim().strip_prefix("query: ") else {
            continue;
        };
        let service = query.split('\'').nth(1).unwrap().to_owned();
        let query = format!("SELECT ({query})::bigint");
        let count = sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut *keda);
        answers.insert(service, count.await.unwrap());
    }
    answers
}

fn nobody_was_refused(play: &Play) {
    for service in Service::ALL {
        let log = fs::read_to_string(play.fleet.log(service)).unwrap();
        for words in ["permission denied", "ACCESS_REFUSED", "ACCESS-REFUSED"] {
            assert!(!log.contains(words), "{service}: {words}\n{log}");
        }
    }
}
