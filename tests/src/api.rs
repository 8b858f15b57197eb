//! The API of a running installation.

use std::collections::BTreeMap;

use ::api::{ApiConfig, NAME, serve};
use chassis::Runtime;
use clap::Parser;
use reqwest::{Client, Method, Response};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::play::{PATIENCE, Play};

/// A served API.
pub struct Api {
    address: String,
    client: Client,
    runtime: Runtime,
    serving: JoinHandle<anyhow::Result<()>>,
}

/// The bell of an open page.
pub struct Bell {
    response: Response,
    text: String,
}

impl Bell {
    /// How many alerts there are, each time that their number changes.
    pub async fn rings(&mut self) -> i64 {
        let sign = "data: {\"count\":";
        loop {
            let told = self.text.split_once(sign);
            if let Some((count, rest)) = told.and_then(|(_, rest)| rest.split_once('}')) {
                let count = count.parse().unwrap();
                self.text = rest.to_owned();
                return count;
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.expect("the bell rings").unwrap().expect("it is open");
            self.text += std::str::from_utf8(&chunk).unwrap();
        }
    }
}

impl Api {
    /// Serves the API of an installation, with some of its variables changed.
    pub async fn serve(play: &Play, changed: &[(&'static str, String)]) -> Self {
        let mut environment: BTreeMap<_, _> = play.world.environment().into_iter().collect();
        environment.extend(changed.iter().cloned());
        let flag = |(variable, value): (&str, String)| {
            let name = variable.trim_start_matches("DD_").to_lowercase();
            format!("--{}={value}", name.replace('_', "-"))
        };
        let words = [NAME.to_owned()].into_iter();
        let config = ApiConfig::try_parse_from(words.chain(environment.into_iter().map(flag)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let runtime = Runtime::new(NAME).unwrap();
        Self {
            address,
            client: Client::new(),
            serving: tokio::spawn(serve(config.unwrap(), runtime.clone(), listener)),
            runtime,
        }
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A token for a person.
    pub async fn token(&self, play: &Play, username: &str) -> String {
        let made = play.store().create_token(username, "test").await.unwrap();
        made.unwrap().1.expose_secret().to_owned()
    }

    /// What is read there.
    pub async fn get(&self, token: &str, path: &str) -> (u16, Value) {
        self.ask(Method::GET, token, path, None).await
    }

    /// What comes of a POST.
    pub async fn post(&self, token: &str, path: &str, body: &Value) -> (u16, Value) {
        self.ask(Method::POST, token, path, Some(body)).await
    }

    /// What comes of a PATCH.
    pub async fn patch(&self, token: &str, path: &str, body: &Value) -> (u16, Value) {
        self.ask(Method::PATCH, token, path, Some(body)).await
    }

    /// What comes of a PUT.
    pub async fn put(&self, token: &str, path: &str, body: &Value) -> (u16, Value) {
        self.ask(Method::PUT, token, path, Some(body)).await
    }

    /// What comes of a DELETE.
    pub async fn delete(&self, token: &str, path: &str) -> (u16, Value) {
        self.ask(Method::DELETE, token, path, None).await
    }

    async fn ask(
        &self,
        method: Method,
        token: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let url = format!("http://{}/api/v2{path}", self.address);
        let request = self.client.request(method, url);
        let request = request.header("Authorization", format!("Token {token}"));
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    /// The bell of a person's open page.
    pub async fn bell(&self, token: &str) -> Bell {
        let url = format!("http://{}/alerts/stream", self.address);
        let request = self.client.get(url);
        let request = request.header("Authorization", format!("Token {token}"));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let text = String::new();
        Bell { response, text }
    }

    /// Stops it, and waits until it has.
    pub async fn stop(self) {
        self.runtime.stop.cancel();
        self.serving.await.unwrap().unwrap();
    }
}
