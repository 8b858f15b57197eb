//! A served API with three people: an administrator, mei who is a member of a product, and an
//! outsider.

use std::collections::BTreeMap;

use api::ApiConfig;
use chassis::Runtime;
use clap::Parser;
use notifyctl::stage::{Servers, World};
use proto_events::directory::{Member, Membership, Product, ProductType, Securable, User};
use reqwest::{Client, Method, RequestBuilder};
use secrecy::ExposeSecret;
use serde_json::Value;
use store::{NewAlert, Store};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The address that links between pages name.
pub(crate) const SITE: &str = "http://localhost:8080";

pub(crate) const ADMIN: i64 = 1;
pub(crate) const MEI: i64 = 2;
pub(crate) const OUTSIDER: i64 = 3;
/// The product that mei may see, and another.
pub(crate) const CRANES: i64 = 7;
pub(crate) const SHIPS: i64 = 8;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    /// Null if there is none.
    pub(crate) body: Value,
}

/// A served API.
pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) address: String,
    client: Client,
    tokens: BTreeMap<i64, String>,
    stop: CancellationToken,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// An alert that a person may get.
pub(crate) fn alert(user: i64, title: &str) -> NewAlert {
    NewAlert {
        id: Uuid::new_v4(),
        user: Some(user),
        title: title.to_owned(),
        description: "Something happened.".to_owned(),
        url: Some("http://localhost:8080/test/1".to_owned()),
        icon: "info".to_owned(),
        source: "Test Added".to_owned(),
        event_source: "test".to_owned(),
        event_id: "1".to_owned(),
    }
}

impl Desk {
    /// One with the three people.
    pub(crate) async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// As [`Desk::open`], with further variables, as flags.
    pub(crate) async fn open_with(flags: &[String]) -> Self {
        let desk = Self::served(flags).await;
        let user = |id, name: &str, superuser| User {
            id,
            username: name.to_owned(),
            email: format!("{name}@hafen.example"),
            active: true,
            superuser,
            ..User::default()
        };
        let people = [
            user(ADMIN, "admin", true),
            user(MEI, "mei", false),
            user(OUTSIDER, "outsider", false),
        ];
        let store = desk.store();
        store.put_users(&people).await.unwrap();
        let port = ProductType {
            id: 1,
            name: "Port".to_owned(),
        };
        store.put_product_types(&[port]).await.unwrap();
        let product = |id, name: &str| Product {
            id,
            name: name.to_owned(),
            product_type: 1,
            tags: vec!["pci".to_owned()],
        };
        let products = [product(CRANES, "Cranes"), product(SHIPS, "Ships")];
        store.put_products(&products).await.unwrap();
        let membership = Membership {
            member: Member::User(MEI),
            of: Securable::Product(CRANES),
            role: None,
        };
        store.put_memberships(&[membership]).await.unwrap();
        desk.with_tokens(&[(ADMIN, "admin"), (MEI, "mei"), (OUTSIDER, "outsider")])
            .await
    }

    /// One with nobody.
    pub(crate) async fn empty() -> Self {
        Self::served(&[]).await
    }

    async fn served(flags: &[String]) -> Self {
        chassis::start::install_tls_provider();
        let servers = Servers::from_environment().unwrap();
        let world = World::create("api", &servers, "1,2".parse().unwrap())
            .await
            .unwrap();
        let mut words = vec!["api".to_owned()];
        if !flags.iter().any(|flag| flag.starts_with("--notify-url=")) {
            words.push(format!("--notify-url={SITE}"));
        }
        words.push("--webhook-allowed-networks=127.0.0.0/8".to_owned());
        words.push("--api-body-limit=1000000".to_owned());
        words.extend_from_slice(flags);
        for (variable, value) in world.environment() {
            let flag = variable.trim_start_matches("DD_").to_lowercase();
            words.push(format!("--{}={value}", flag.replace('_', "-")));
        }
        let config = ApiConfig::try_parse_from(words).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let runtime = Runtime::new("api").unwrap();
        let stop = runtime.stop.clone();
        tokio::spawn(async move { api::serve(config, runtime, listener).await.unwrap() });
        Self {
            world,
            address,
            client: Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            tokens: BTreeMap::new(),
            stop,
        }
    }

    /// Gives people their tokens.
    pub(crate) async fn with_tokens(mut self, people: &[(i64, &str)]) -> Self {
        for (id, name) in people {
            let made = self.store().create_token(name, "test").await.unwrap();
            let (_, token) = made.unwrap();
            self.tokens.insert(*id, token.expose_secret().to_owned());
        }
        self
    }

    pub(crate) fn store(&self) -> &Store {
        self.world.store()
    }

    /// The token of a person.
    pub(crate) fn token(&self, person: i64) -> &str {
        &self.tokens[&person]
    }

    /// A request below `/api/v2`, by nobody.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().unwrap();
        let url = format!("http://{}/api/v2{path}", self.address);
        self.client.request(method, url)
    }

    /// A request by a person.
    pub(crate) fn by(&self, person: i64, method: &str, path: &str) -> RequestBuilder {
        let token = format!("Token {}", self.token(person));
        self.request(method, path).header("Authorization", token)
    }

    /// The answer to a person's request without a body.
    pub(crate) async fn ask(&self, person: i64, method: &str, path: &str) -> Answer {
        answer(self.by(person, method, path)).await
    }

    /// The answer to a person's request with one.
    pub(crate) async fn send(&self, person: i64, method: &str, path: &str, body: &Value) -> Answer {
        answer(self.by(person, method, path).json(body)).await
    }

    /// What a person reads there.
    pub(crate) async fn read(&self, person: i64, path: &str) -> Value {
        let answer = self.ask(person, "GET", path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body
    }
}

/// The answer to a request.
pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let header = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap().to_owned())
    };
    let headers = response.headers().iter().map(header).collect();
    let text = response.text().await.unwrap();
    Answer {
        status,
        headers,
        body: serde_json::from_str(&text).unwrap_or_default(),
    }
}

/// The ids of a page.
pub(crate) fn ids(page: &Value) -> Vec<i64> {
    let results = page["results"].as_array().unwrap();
    results
        .iter()
        .map(|it| it["id"].as_i64().unwrap())
        .collect()
}
