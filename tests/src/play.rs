//! A small organisation on a private world, with every service running.

use std::future::Future;
use std::time::{Duration, Instant};

use chassis::Runtime;
use chassis::broker::{Headers, Outgoing, Published, Publisher};
use notifyctl::stage::{Fleet, Receivers, Servers, SmtpOptions, World};
use proto_events::directory::{
    Member, Membership, Product, ProductType, RuleChannels, RuleScope, Securable, Settings, User,
};
use proto_events::{Channel, ChannelSet, Column, Names, Service};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use store::{NewRule, NewWebhook, Store};

/// How long a test waits for something before it says that it does not come.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The ids of the people below.
pub const ADMIN: i64 = 1;
/// Member of the product [`CRANES`].
pub const MEI: i64 = 2;
/// Sees nothing.
pub const OUTSIDER: i64 = 3;
/// A product that everybody's events are about.
pub const CRANES: i64 = 7;

/// What an installation is raised with.
pub struct Opening {
    /// The servers it is made on.
    pub servers: Servers,
    /// What its mail server asks for.
    pub smtp: SmtpOptions,
    /// The services that are started.
    pub services: Vec<Service>,
    /// Variables that every service gets besides.
    pub environment: Vec<(&'static str, String)>,
}

impl Default for Opening {
    /// Every service, on the servers that all tests share.
    fn default() -> Self {
        Self {
            servers: Servers::from_environment().unwrap(),
            smtp: SmtpOptions::default(),
            services: Service::ALL.to_vec(),
            environment: Vec::new(),
        }
    }
}

/// A running installation.
pub struct Play {
    /// Database and prefix.
    pub world: World,
    /// The outside world.
    pub receivers: Receivers,
    /// The services.
    pub fleet: Fleet,
    /// The way in.
    pub publisher: Publisher,
}

/// Plays a test on an installation of its own, which is removed also when the test fails.
pub async fn play<F: Future<Output = ()>>(test: impl FnOnce(Play) -> F) {
    play_with(Opening::default(), test).await;
}

/// As [`play`], on an installation of another kind.
pub async fn play_with<F: Future<Output = ()>>(opening: Opening, test: impl FnOnce(Play) -> F) {
    chassis::start::install_tls_provider();
    let world = World::create("test", &opening.servers, "1,2".parse().unwrap())
        .await
        .unwrap();
    let receivers = Receivers::start(&opening.smtp).await.unwrap();
    settle_in(world.store(), &receivers).await;
    let mut environment = receivers.environment();
    environment.extend(opening.environment);
    let mut fleet = Fleet::new(&world, environment).unwrap();
    fleet.start(&opening.services).unwrap();
    fleet.ready(PATIENCE).await.unwrap();
    let publisher = Publisher::start(world.broker(), &Runtime::new("test").unwrap());
    test(Play {
        world,
        receivers,
        fleet,
        publisher,
    })
    .await;
}

impl Play {
    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.world.store()
    }

    /// A connection to the database, past the store.
    pub async fn database(&self) -> PgConnection {
        let url = self.world.database_url().expose_secret();
        PgConnection::connect(url).await.unwrap()
    }

    /// Publishes an event and waits until the broker has it. Gives the event's id.
    pub async fn publish(&self, name: &str, data: Value) -> String {
        let id = uuid::Uuid::new_v4().to_string();
        let event =
            json!({"specversion": "1.0", "id": id, "source": "test", "type": name, "data": data});
        self.publish_raw(name, event.to_string().into_bytes()).await;
        id
    }

    /// Publishes any bytes as an event.
    pub async fn publish_raw(&self, name: &str, body: Vec<u8>) {
        let message = as_event(self.world.names(), name, body);
        confirmed(&self.publisher, &[message]).await;
    }

    /// Waits until events are decided with what the database holds now.
    pub async fn in_force(&self) {
        let version = self.store().directory_version().await.unwrap();
        until("an event decided with the new directory", async || {
            let id = self
                .publish(
                    "probe",
                    json!({"title": "reaches nobody", "recipients": []}),
                )
                .await;
            let decided = until("the probe's record", async || {
                let events = self.store().decided_events().await.unwrap();
                events.into_iter().find(|event| event.id == id)
            });
            (decided.await.directory_version >= version).then_some(())
        })
        .await;
    }

    /// Stops the services in order and removes everything.
    pub async fn end(mut self) {
        self.fleet.terminate().await.unwrap();
        self.world.close().await.unwrap();
    }
}

/// A message to the exchange of events.
#[must_use]
pub fn as_event(names: &Names, name: &str, body: Vec<u8>) -> Outgoing {
    Outgoing {
        exchange: names.events(),
        routing_key: name.to_owned(),
        content_type: proto_events::event::CONTENT_TYPE,
        message_id: String::new(),
        headers: Headers::first(chrono::Utc::now().timestamp_millis(), None),
        body,
    }
}

/// Publishes messages and waits until the broker has each of them.
pub async fn confirmed(publisher: &Publisher, messages: &[Outgoing]) {
    let results = publisher.publish(messages).await.unwrap();
    assert!(
        results.iter().all(|result| *result == Published::Confirmed),
        "no queue is bound for some of {} messages",
        messages.len()
    );
}

/// Waits until `look` finds something.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl FnMut() -> F) -> T {
    until_within(PATIENCE, what, look).await
}

/// As [`until`], with another patience.
pub async fn until_within<T, F: Future<Output = Option<T>>>(
    patience: Duration,
    what: &str,
    mut look: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(
            Instant::now() < deadline,
            "{what} did not come within {} s",
            patience.as_secs()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Every column on these channels.
#[must_use]
pub fn everything(channels: impl IntoIterator<Item = Channel>) -> RuleChannels {
    let set: ChannelSet = channels.into_iter().collect();
    let mut all = RuleChannels::NONE;
    for column in Column::ALL {
        all.set(column, set);
    }
    all
}

/// A person with all addresses.
#[must_use]
pub fn person(id: i64, username: &str) -> User {
    User {
        id,
        username: username.to_owned(),
        first_name: username.to_owned(),
        email: format!("{username}@hafen.example"),
        slack_email: Some(format!("{username}@hafen.example")),
        active: true,
        ..User::default()
    }
}

/// System Settings with every channel switched on.
#[must_use]
pub fn settings() -> Settings {
    Settings {
        enable_mail_notifications: true,
        enable_slack_notifications: true,
        enable_msteams_notifications: true,
        enable_webhooks_notifications: true,
        slack_channel: "#appsec".to_owned(),
        mail_notifications_to: "team@hafen.example".to_owned(),
        email_from: "dojo@hafen.example".to_owned(),
        team_name: "Hafen".to_owned(),
        disclaimer_notifications: "For the team only.".to_owned(),
        ..Settings::default()
    }
}

/// Three people, one product, every channel on, and everybody wants everything.
async fn settle_in(store: &Store, receivers: &Receivers) {
    let admin = User {
        superuser: true,
        ..person(ADMIN, "admin")
    };
    store
        .put_users(&[admin, person(MEI, "mei"), person(OUTSIDER, "outsider")])
        .await
        .unwrap();
    store
        .put_product_types(&[ProductType {
            id: 1,
            name: "Port".to_owned(),
        }])
        .await
        .unwrap();
    let cranes = Product {
        id: CRANES,
        name: "Cranes".to_owned(),
        product_type: 1,
        tags: Vec::new(),
    };
    store.put_products(&[cranes]).await.unwrap();
    let membership = Membership {
        member: Member::User(MEI),
        of: Securable::Product(CRANES),
        role: None,
    };
    store.put_memberships(&[membership]).await.unwrap();
    let scopes = [
        RuleScope::System,
        RuleScope::Personal { user: ADMIN },
        RuleScope::Personal { user: MEI },
        RuleScope::Personal { user: OUTSIDER },
    ];
    let rules: Vec<NewRule> = scopes
        .into_iter()
        .map(|scope| NewRule {
            scope,
            channels: everything(Channel::ALL),
        })
        .collect();
    store.put_rules(&rules).await.unwrap();
    store.put_settings(&settings()).await.unwrap();
    let token = SecretString::from("xoxb-test-token");
    let teams = SecretString::from(receivers.teams_url());
    store
        .put_settings_secrets(Some(&token), Some(&teams))
        .await
        .unwrap();
    for (name, owner) in [("system", None), ("mei", Some(MEI))] {
        let webhook = NewWebhook {
            name: name.to_owned(),
            url: receivers.hook_url(name),
            header_name: Some("X-Api-Key".to_owned()),
            header_value: Some(SecretString::from("hook-secret")),
            owner,
        };
        store.put_webhook(&webhook).await.unwrap();
    }
}
