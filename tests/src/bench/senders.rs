//! Deliveries a second of each sender that works off a full queue, with ledger and
//! acknowledgements, beside a bare client of the same library at the same receiver.

mod line;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use notifyctl::stage::Servers;
use proto_events::directory::Settings;
use proto_events::{Channel, Service};
use sqlx::{Connection as _, PgConnection};
use store::{NewWebhook, Store};

use self::line::{Came, LINES, Line, NEAR};
use super::bare::{self, Amount};
use super::broker::Route;
use super::figures::{table, thousands, verdict};
use super::http_receiver::HttpReceiver;
use super::jobs::{jobs, places};
use super::mail_receiver::MailReceiver;
use super::past;
use super::stage::Stage;
use super::{ROUNDS, progress};

/// How many deliveries a round makes.
const DELIVERIES: usize = 5000;

/// How many requests are in flight at once, on both sides.
const IN_FLIGHT: usize = 64;

/// One destination may use half of all attempt slots.
const SLOTS: usize = 2 * IN_FLIGHT;

/// How many connections to the mail server there are, on both sides.
const CONNECTIONS: usize = 16;

/// How many addresses the mails go to.
const ADDRESSES: usize = 8;

/// The Slack token, which the receiver does not look at.
const TOKEN: &str = "xoxb-bench";

/// How long a round may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often the ledger is looked into.
const LOOK: Duration = Duration::from_millis(5);

/// What svix-server's worker drained on this kind of machine, times three.
const DRAIN_GOAL: f64 = 3.0 * 1540.0;

/// Everything that is measured with.
struct Bench {
    stage: Stage,
    database: PgConnection,
    http: HttpReceiver,
    mail: MailReceiver,
}

/// Measures, and gives the table.
///
/// # Errors
/// If something broke.
pub async fn run(servers: &Servers) -> Result<String> {
    let mut bench = Bench::set_up(servers).await?;
    let mut came: [Came; LINES.len()] = Default::default();
    for round in 1..=ROUNDS {
        for (line, came) in LINES.iter().zip(&mut came) {
            bench.measure(line, came).await?;
            progress(&format!("round {round} of {ROUNDS}: {}", line.name()));
        }
    }
    bench.database.close().await?;
    bench.stage.close().await?;
    let rows: Vec<_> = LINES
        .iter()
        .zip(&came)
        .map(|(line, came)| line.row(came))
        .collect();
    let header = [
        "sender, 5,000 jobs",
        "deliveries/s",
        "limit: bare client",
        "ratio",
        "goal",
        "verdict",
        "CPU µs a delivery",
        "MiB",
    ];
    let drained = LINES.iter().zip(&came);
    let fastest = drained
        .filter(|(line, _)| line.service == Service::WebhookSender)
        .map(|(_, came)| came.ours.median())
        .fold(0.0, f64::max);
    Ok(format!(
        "{}\nWebhooks drained: {}/s; goal {}/s: {}.\n",
        table(&header, &rows),
        thousands(fastest),
        thousands(DRAIN_GOAL),
        verdict(fastest >= DRAIN_GOAL, true)
    ))
}

impl Bench {
    async fn set_up(servers: &Servers) -> Result<Self> {
        let mut stage = Stage::set_up(servers).await?;
        let (http, mail) = (HttpReceiver::start().await?, MailReceiver::start().await?);
        let addresses: Vec<String> = (0..ADDRESSES)
            .map(|n| format!("team{n}@bench.example"))
            .collect();
        let settings = Settings {
            enable_mail_notifications: true,
            enable_webhooks_notifications: true,
            enable_slack_notifications: true,
            enable_msteams_notifications: true,
            mail_notifications_to: addresses.join(","),
            slack_channel: "#bench".to_owned(),
            ..Settings::default()
        };
        let store = stage.world.store();
        store.put_settings(&settings).await?;
        put_secrets(store, http.after(NEAR, "teams")).await?;
        let http_variables = [
            ("DD_DESTINATION_RATE", "0".to_owned()),
            ("DD_ATTEMPT_SLOTS", SLOTS.to_string()),
            ("DD_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8".to_owned()),
            ("DD_EMAIL_URL", format!("smtp://{}", mail.address)),
            ("DD_EMAIL_CONNECTIONS", CONNECTIONS.to_string()),
        ];
        for line in &LINES {
            for (name, value) in &http_variables {
                stage.fleet.set(line.service, name, value);
            }
        }
        let mut database = stage.database().await?;
        past::fill(&mut database).await?;
        Ok(Self {
            stage,
            database,
            http,
            mail,
        })
    }

    /// One round of a line: ours, then the limit with the very message that ours sent last.
    async fn measure(&mut self, line: &Line, came: &mut Came) -> Result<()> {
        if let Some(after) = line.after {
            self.point_at(line, after).await?;
        }
        let (ours, cpu, resident) = self.drain(line).await?;
        came.ours.add(ours);
        came.cpu.add(cpu);
        came.resident.add(resident);
        came.limit.add(match line.after {
            Some(after) => {
                let url = self.http.after(after, "limit");
                bare::post(&url, self.http.inbox.arrivals().last, amount(IN_FLIGHT)).await?
            }
            None => {
                let mail = self.mail.inbox.arrivals().last;
                bare::mail(self.mail.address, mail, amount(CONNECTIONS)).await?
            }
        });
        Ok(())
    }

    /// Lets a line's messages go to a place that answers after so many milliseconds.
    async fn point_at(&mut self, line: &Line, after: u64) -> Result<()> {
        let store = self.stage.world.store();
        match line.channel {
            Channel::Webhooks => {
                let endpoint = NewWebhook {
                    name: "bench".to_owned(),
                    url: self.http.after(after, "hook"),
                    header_name: None,
                    header_value: None,
                    owner: None,
                };
                store.put_webhook(&endpoint).await?;
            }
            Channel::Slack => {
                let api = self.http.after(after, "slack");
                self.stage.fleet.set(line.service, "DD_SLACK_API_URL", &api);
            }
            _ => put_secrets(store, self.http.after(after, "teams")).await?,
        }
        Ok(())
    }

    /// Deliveries a second of our sender, from the first that arrives to the last row of the
    /// ledger; CPU time in µs each; resident memory at the end in MiB.
    async fn drain(&mut self, line: &Line) -> Result<(f64, f64, f64)> {
        let places = places(&mut self.database, line.channel).await?;
        let jobs = jobs(line.channel, &places, DELIVERIES)?;
        let (ids, bodies): (Vec<String>, Vec<Vec<u8>>) = jobs.into_iter().unzip();
        past::restore(&mut self.database).await?;
        let queue = self.stage.world.names().queue(line.service);
        let route = Route {
            exchange: String::new(),
            key: queue.clone(),
        };
        self.stage.broker.fill(&route, &bodies).await?;
        let inbox = match line.after {
            Some(_) => &self.http.inbox,
            None => &self.mail.inbox,
        };
        let inbox = Arc::clone(inbox);
        inbox.forget();
        self.stage.fleet.start(&[line.service])?;
        let process = self.stage.process(line.service)?;
        // Only then is the ledger looked into, which itself costs.
        inbox.wait_for(DELIVERIES, PATIENCE).await?;
        let done = self.written(&ids).await?;
        let first = inbox
            .arrivals()
            .first
            .context("nothing arrived at the receiver")?;
        let cpu = process.cpu()?.as_secs_f64() * 1e6 / DELIVERIES as f64;
        let resident = process.resident()?;
        self.stage.fleet.terminate().await?;
        let left = self.stage.broker.depth(&queue).await?;
        anyhow::ensure!(left == 0, "{left} jobs were left in {queue}");
        let rate = DELIVERIES as f64 / done.duration_since(first).as_secs_f64();
        Ok((rate, cpu, resident))
    }

    /// Waits until the ledger has the outcome of every job.
    async fn written(&mut self, jobs: &[String]) -> Result<Instant> {
        let started = Instant::now();
        loop {
            let looked = Instant::now();
            let written: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM deliveries WHERE job_id = ANY($1) AND state IN ('delivered', 'accepted')",
            )
            .bind(jobs)
            .fetch_one(&mut self.database)
            .await?;
            if usize::try_from(written)? >= jobs.len() {
                return Ok(looked);
            }
            self.stage.fleet.check()?;
            if started.elapsed() > PATIENCE {
                let count = jobs.len();
                bail!("{written} of {count} deliveries are in the ledger, and no more come");
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Writes the Slack token, and where cards go.
async fn put_secrets(store: &Store, teams: String) -> Result<()> {
    let (token, teams) = (TOKEN.to_owned().into(), teams.into());
    store
        .put_settings_secrets(Some(&token), Some(&teams))
        .await?;
    Ok(())
}

const fn amount(at_once: usize) -> Amount {
    Amount {
        messages: DELIVERIES,
        at_once,
    }
}
