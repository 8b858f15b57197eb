//! DefectDojo: whether it answers, and whether its clock agrees with ours.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Client, header};
use url::Url;

use super::faults::judge;
use super::verdict::{Finding, Verdict};

/// How long its answer may take.
const DEADLINE: Duration = Duration::from_secs(15);

/// How far its clock may be off: changes of the directory are ordered by its time.
const APART: TimeDelta = TimeDelta::seconds(60);

pub(super) async fn check(client: &Client, site: Option<&Url>) -> Vec<Finding> {
    let verdict = match site {
        None => Verdict::skipped("DD_SITE_URL is not set"),
        Some(site) => ask(client, site).await,
    };
    vec![verdict.of("DefectDojo")]
}

async fn ask(client: &Client, site: &Url) -> Verdict {
    let answer = client.head(site.clone()).timeout(DEADLINE).send().await;
    let answer = match answer.map_err(reqwest::Error::without_url) {
        Ok(answer) => answer,
        Err(error) => {
            return judge(
                &[],
                &format!("{:#}", anyhow::Error::new(error)),
                "DD_SITE_URL",
            );
        }
    };
    let date = answer
        .headers()
        .get(header::DATE)
        .and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    date.map_or_else(
        || Verdict::well(format!("answered {}", answer.status())),
        |date| clock(date.to_utc(), Utc::now()),
    )
}

fn clock(theirs: DateTime<Utc>, ours: DateTime<Utc>) -> Verdict {
    let apart = (theirs - ours).abs();
    if apart <= APART {
        return Verdict::well("answers, and its clock agrees with ours");
    }
    Verdict::wrong(
        format!(
            "its clock and this machine's are {} s apart",
            apart.num_seconds()
        ),
        "synchronise both with NTP; changes of the directory are ordered by its time",
    )
}
