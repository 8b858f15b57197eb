//! Slack: whether the token is good, by `auth.test`.

use anyhow::Context as _;
use reqwest::Client;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use store::Store;

use super::faults::judge;
use super::verdict::{Finding, Verdict};

pub(super) async fn check(client: &Client, api: &str, store: &Store) -> Vec<Finding> {
    let verdict = match store
        .delivery_settings()
        .await
        .map(|settings| settings.slack_token)
    {
        Err(_) => Verdict::skipped("the token is in the database"),
        Ok(Err(_)) => Verdict::skipped("the token cannot be read"),
        Ok(Ok(None)) => Verdict::skipped("no token is set"),
        Ok(Ok(Some(token))) => match ask(client, api, &token).await {
            Ok(answer) => judge_answer(&answer),
            Err(error) => judge(&[], &format!("{error:#}"), "DD_SLACK_API_URL"),
        },
    };
    vec![verdict.of("Slack")]
}

async fn ask(client: &Client, api: &str, token: &SecretString) -> anyhow::Result<Value> {
    let url = format!("{}/auth.test", api.trim_end_matches('/'));
    let request = client.post(url).bearer_auth(token.expose_secret());
    let answer = request.send().await.map_err(reqwest::Error::without_url)?;
    answer
        .json()
        .await
        .context("what answers is not Slack's Web API")
}

fn judge_answer(answer: &Value) -> Verdict {
    let word = |member: &str| answer[member].as_str().unwrap_or_default().to_owned();
    if answer["ok"] == true {
        return Verdict::well(format!("{} in {}", word("user"), word("team")));
    }
    let error = word("error");
    let remedy = match error.as_str() {
        "invalid_auth" | "not_authed" | "token_revoked" | "token_expired" | "account_inactive" => {
            "make a new token in Slack (app settings, OAuth & Permissions), and set it in System Settings"
        }
        "ratelimited" => "try again in a minute",
        _ => "look the word up at https://api.slack.com/methods/auth.test",
    };
    Verdict::wrong(format!("Slack refuses the token: {error}"), remedy)
}
