//! Raising the stage and publishing.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::bail;
use axum::http::StatusCode;
use chassis::Runtime;
use chassis::broker::{Outgoing, Published, Publisher};
use chassis::ladder::Ladder;
use proto_events::Service;

use super::archive;
use super::directory::Directory;
use super::events;
use super::people::People;
use super::report;
use crate::screen::Screen;
use crate::stage::receivers::http::TEAMS_WORKFLOW;
use crate::stage::{Answer, Api, Fleet, Receivers, Servers, SmtpOptions, World};

/// One rung, so that whatever is tried again is tried after 5 seconds.
pub(super) const LADDER: &str = "5";

/// How long services may take to start.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Everything that the demo has running.
pub struct Demo {
    pub(super) api: Api,
    pub(super) fleet: Fleet,
    pub(super) receivers: Receivers,
    pub(super) world: World,
    pub(super) directory: Directory,
    pub(super) people: People,
    pub(super) messages: PathBuf,
    started: Instant,
}

/// What was published.
pub struct Sent {
    /// Ids of the events that can be read.
    pub events: Vec<String>,
    /// How many messages cannot be read.
    pub unreadable: usize,
}

impl Demo {
    /// Makes the world, starts receivers and services, loads the directory.
    ///
    /// # Errors
    /// If any of that fails; what was made is removed.
    pub async fn raise(
        screen: &Screen,
        servers: &Servers,
        messages: PathBuf,
    ) -> anyhow::Result<Self> {
        screen.title("Raising the stage")?;
        let started = Instant::now();
        let ladder: Ladder = LADDER.parse().map_err(anyhow::Error::msg)?;
        let world = screen
            .step(
                "a private database, and a private prefix on the broker",
                World::create("demo", servers, ladder),
            )
            .await?;
        let receivers = screen
            .step(
                "local receivers for Slack, Teams, webhooks and mail",
                Receivers::start(&SmtpOptions::default()),
            )
            .await?;
        let directory = Directory::hafenwerk()?;
        let what = format!(
            "the organisation Hafenwerk: {} users, {} products, {} rules, {} webhook endpoints",
            directory.users.len(),
            directory.products.len(),
            directory.rules.len(),
            directory.webhooks.len()
        );
        screen
            .step(&what, directory.load(world.store(), &receivers))
            .await?;
        let fleet = Fleet::new(&world, receivers.environment())?;
        let mut fleet = fleet.logging_to(messages.join("logs"))?;
        fleet.start(&Service::ALL)?;
        let what = format!("{} services, each a process of its own", Service::ALL.len());
        screen.step(&what, fleet.ready(READY_WITHIN)).await?;
        let api = screen
            .step(
                "pages for people, and the same for programs",
                fleet.serve_api(READY_WITHIN),
            )
            .await?;
        Ok(Self {
            api,
            fleet,
            receivers,
            world,
            people: People::of(&directory),
            directory,
            messages,
            started,
        })
    }

    /// Publishes, watches until nothing is waiting, compares, reports.
    ///
    /// # Errors
    /// If something does not arrive in time, or receivers, ledger and decisions differ.
    pub async fn play(&mut self, screen: &Screen) -> anyhow::Result<()> {
        screen.title("Publishing")?;
        let out_of_order = Answer::status(StatusCode::SERVICE_UNAVAILABLE);
        self.receivers.script(TEAMS_WORKFLOW, [out_of_order]);
        let sent = self.publish(screen).await?;
        screen.title("What reached whom, as the receivers tell it")?;
        let (books, received) = self.watch(screen, &sent).await?;
        let filed = archive::write(&self.messages, 0, &received, &books.ledger)?;
        report::highlights(screen, &books)?;
        report::samples(screen, &filed)?;
        report::dead_letters(screen, &books)?;
        report::summary(screen, &sent, &books)?;
        self.compare(screen, &books, &received).await?;
        report::places(screen, &self.messages, self.started.elapsed())
    }

    async fn publish(&self, screen: &Screen) -> anyhow::Result<Sent> {
        let broker = self.world.broker();
        let mut messages = events::readable(broker)?;
        let sent = Sent {
            events: messages
                .iter()
                .map(|message| message.message_id.clone())
                .collect(),
            unreadable: 1,
        };
        messages.push(events::unreadable(broker));
        let what = format!(
            "{} messages to {}, confirmed: {} recorded from a DefectDojo, {} of our own, 1 unreadable",
            messages.len(),
            broker.broker_prefix.events(),
            events::recorded(),
            sent.events.len() - events::recorded()
        );
        screen.step(&what, self.confirmed(&messages)).await?;
        Ok(sent)
    }

    async fn confirmed(&self, messages: &[Outgoing]) -> anyhow::Result<()> {
        let broker = self.world.broker();
        let publisher = Publisher::start(broker, &Runtime::new("notifyctl")?);
        let results = publisher.publish(messages).await?;
        if let Some(words) = results.iter().find_map(Published::refusal) {
            bail!("the broker refuses an event: {words}");
        }
        if results.contains(&Published::Unroutable) {
            bail!(
                "no queue is bound to exchange {}",
                broker.broker_prefix.events()
            );
        }
        Ok(())
    }
}
