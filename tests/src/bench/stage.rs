//! Where routers and limits are measured in turn: one world, one organisation, one broker.

use std::process::Stdio;

use anyhow::{Context, Result};
use notifyctl::stage::{Fleet, Servers, World};
use proto_events::Service;
use secrecy::ExposeSecret;
use sqlx::{Connection as _, PgConnection};
use tokio::process::{Child, Command};

use super::broker::{Broker, Route};
use super::organisation;
use super::passage::{Passage, watch};
use super::process::Process;

/// The router's switch for the table of events.
const RECORD_EVENTS: &str = "DD_RECORD_EVENTS";

/// A world with the organisation in it.
pub struct Stage {
    /// Database and prefix.
    pub world: World,
    /// The services' programs.
    pub fleet: Fleet,
    /// The same broker, without anything of ours.
    pub broker: Broker,
    url: String,
}

/// What is sent through the router, and where its jobs arrive.
#[derive(Clone, Copy, Debug)]
pub struct Load<'m> {
    /// Messages for the router.
    pub messages: &'m [Vec<u8>],
    /// Whose queue the jobs arrive in.
    pub sender: Service,
    /// How many jobs come of the messages.
    pub jobs: usize,
    /// Whether events are recorded.
    pub record: bool,
}

impl Stage {
    /// Makes the world and settles the organisation in.
    ///
    /// # Errors
    /// If a server is away, or the services' programs are not built.
    pub async fn set_up(servers: &Servers) -> Result<Self> {
        let ladder = "5,30".parse().map_err(anyhow::Error::msg)?;
        let world = World::create("bench", servers, ladder).await?;
        organisation::settle_in(world.store()).await?;
        let url = servers.broker_url.expose_secret().to_owned();
        Ok(Self {
            fleet: Fleet::new(&world, Vec::new())?,
            broker: Broker::connect(&url).await?,
            world,
            url,
        })
    }

    /// Lets the router route messages that lie ready, into a queue that nobody reads.
    /// What is counted are jobs.
    ///
    /// # Errors
    /// If not every job arrives.
    pub async fn route(&mut self, load: Load<'_>) -> Result<Passage> {
        let names = self.world.names().clone();
        let jobs = names.queue(load.sender);
        let route = Route {
            exchange: names.events(),
            key: "bench".to_owned(),
        };
        self.broker.fill(&route, load.messages).await?;
        self.fleet.set(
            Service::EventRouter,
            RECORD_EVENTS,
            &load.record.to_string(),
        );
        self.fleet.start(&[Service::EventRouter])?;
        let passage = watch(
            &self.broker,
            &jobs,
            load.jobs,
            self.process(Service::EventRouter)?,
        )
        .await;
        self.fleet.check()?;
        self.fleet.terminate().await?;
        self.broker.purge(&jobs).await?;
        passage
    }

    /// Passes messages through as they are, so many copies of each. What is counted are copies.
    ///
    /// # Errors
    /// If not every copy arrives.
    pub async fn pass_through(&self, messages: &[Vec<u8>], copies: usize) -> Result<Passage> {
        let [from, to] = ["in", "out"].map(|end| format!("{}.raw.{end}", self.world.names()));
        self.broker.declare(&from).await?;
        self.broker.declare(&to).await?;
        let route = Route {
            exchange: String::new(),
            key: from.clone(),
        };
        self.broker.fill(&route, messages).await?;
        let mut child = self.start_pass_through(&from, &to, copies)?;
        let id = child.id().context("the pass-through has ended")?;
        let passage = watch(&self.broker, &to, messages.len() * copies, Process(id)).await;
        child.kill().await?;
        self.broker.delete(&from).await?;
        self.broker.delete(&to).await?;
        passage
    }

    /// A running service's process.
    ///
    /// # Errors
    /// If it does not run.
    pub fn process(&self, service: Service) -> Result<Process> {
        let id = self.fleet.process_id(service);
        Ok(Process(
            id.with_context(|| format!("{service} does not run"))?,
        ))
    }

    /// A connection to the world's database, past the store.
    ///
    /// # Errors
    /// If the database is away.
    pub async fn database(&self) -> Result<PgConnection> {
        let url = self.world.database_url().expose_secret();
        Ok(PgConnection::connect(url).await?)
    }

    /// Removes everything.
    ///
    /// # Errors
    /// Naming what is left behind.
    pub async fn close(self) -> Result<()> {
        let Self { world, fleet, .. } = self;
        drop(fleet);
        world.close().await
    }

    /// This program again, as a process of its own, so that its CPU time is its own too.
    fn start_pass_through(&self, from: &str, to: &str, copies: usize) -> Result<Child> {
        let program = std::env::current_exe().context("cannot find this program's own path")?;
        Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program)
            .args(["pass-through", "--from", from, "--to", to])
            .args(["--copies", &copies.to_string()])
            .env("DD_BROKER_URL", &self.url)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context(
                "cannot start the pass-through; is setpriv, which is part of util-linux, there?",
            )
    }
}
