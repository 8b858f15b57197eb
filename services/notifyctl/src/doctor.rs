//! `notifyctl doctor`: what is wrong, in words, and what to do.
//!
//! | module | what it is for |
//! |---|---|
//! | `verdict` | what came of a check |
//! | `faults` | what an error means, and what to do: judges texts, asks nobody |
//! | `broker`, `database`, `mail`, `slack`, `site` | the checks |

mod broker;
mod database;
mod faults;
mod mail;
mod site;
mod slack;
mod verdict;

use std::path::PathBuf;

use anyhow::bail;
use chassis::config::BrokerConfig;
use clap::Args;
use delivery::http;
use relay::EmailUrl;
use serde_json::json;
use store::{Store, StoreConfig};
use url::Url;

use self::verdict::{Finding, Verdict};
use crate::screen::{Screen, printable};

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Where mail goes, as for email-sender; without it, mail is not checked
    #[arg(long, env = "DD_EMAIL_URL", hide_env_values = true)]
    email_url: Option<EmailUrl>,
    /// Address of Slack's Web API
    #[arg(
        long,
        env = "DD_SLACK_API_URL",
        default_value = "https://slack.com/api"
    )]
    slack_api_url: String,
    /// Address of DefectDojo; without it, DefectDojo is not checked
    #[arg(long, env = "DD_SITE_URL")]
    site_url: Option<Url>,
    /// PEM file of further certificate authorities to trust
    #[arg(long, env = "DD_EXTRA_CA_FILE")]
    extra_ca_file: Option<PathBuf>,
    /// Address of RabbitMQ's management API, with user and password; without it, arguments of queues are not checked
    #[arg(long, env = "DD_BROKER_MANAGEMENT_URL", hide_env_values = true)]
    broker_management_url: Option<Url>,
    #[command(flatten)]
    broker: BrokerConfig,
    #[command(flatten)]
    store: StoreConfig,
}

/// Checks everything.
///
/// # Errors
/// If something is wrong.
pub(crate) async fn run(args: &DoctorArgs) -> anyhow::Result<()> {
    let screen = Screen::new();
    let store = Store::new(&args.store, "notifyctl doctor")?;
    let extra_ca = http::extra_ca(args.extra_ca_file.as_deref())?;
    let client = http::builder(extra_ca.as_deref())?.build()?;
    let checks = async {
        let (broker, database, mail, slack, site) = tokio::join!(
            broker::check(&args.broker, args.broker_management_url.as_ref()),
            database::check(&store),
            mail::check(args.email_url.as_ref(), extra_ca.as_deref()),
            slack::check(&client, &args.slack_api_url, &store),
            site::check(&client, args.site_url.as_ref()),
        );
        let all = [broker, database, mail, slack, site];
        anyhow::Ok(all.into_iter().flatten().collect())
    };
    let checks = Box::pin(checks);
    let findings: Vec<Finding> = if args.json {
        checks.await?
    } else {
        screen.step("everything looked at", checks).await?
    };
    for finding in &findings {
        screen.say(&if args.json {
            object(finding)
        } else {
            text(finding)
        })?;
    }
    let wrong = findings
        .iter()
        .filter(|finding| matches!(finding.verdict, Verdict::Wrong { .. }));
    match wrong.count() {
        0 => Ok(()),
        1 => bail!("1 thing is wrong"),
        count => bail!("{count} things are wrong"),
    }
}

fn text(finding: &Finding) -> String {
    let check = finding.check;
    match &finding.verdict {
        Verdict::Well(what) => format!("✓ {check}: {}", printable(what)),
        Verdict::Skipped(why) => format!("– {check}: not checked, {}", printable(why)),
        Verdict::Wrong { what, remedy } => {
            format!(
                "✗ {check}: {}\n    → {}",
                printable(what),
                printable(remedy)
            )
        }
    }
}

fn object(finding: &Finding) -> String {
    let (verdict, what, remedy) = match &finding.verdict {
        Verdict::Well(what) => ("well", what, None),
        Verdict::Skipped(why) => ("skipped", why, None),
        Verdict::Wrong { what, remedy } => ("wrong", what, Some(remedy)),
    };
    json!({"check": finding.check, "verdict": verdict, "what": what, "remedy": remedy}).to_string()
}
