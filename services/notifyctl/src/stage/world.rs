//! A private database and a private prefix on the broker, removed at the end.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use chassis::broker::{Session, Topology};
use chassis::config::{self, BrokerConfig, BrokerUrl, TopologyMode};
use chassis::ladder::Ladder;
use clap::{Args, Parser};
use proto_events::{Names, Service};
use secrecy::{ExposeSecret, SecretString};
use store::config::DEFAULT_DATABASE_URL;
use store::{Scratch, Store};
use tempfile::TempDir;
use uuid::Uuid;

/// What the services hold at once; a world is small.
const PREFETCH: u16 = 1000;

/// The servers that a world is made on.
#[derive(Clone, Debug, Args)]
pub struct Servers {
    /// Address of RabbitMQ, with user, password and virtual host
    #[arg(
        long,
        env = "DD_BROKER_URL",
        default_value = "amqp://guest:guest@127.0.0.1:5672/%2f",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub broker_url: BrokerUrl,
    /// Address of PostgreSQL, with a user who may create databases
    #[arg(
        long,
        env = "DD_DATABASE_URL",
        default_value = DEFAULT_DATABASE_URL,
        hide_env_values = true,
        hide_default_value = true
    )]
    pub database_url: SecretString,
}

impl Servers {
    /// The servers of `DD_BROKER_URL` and `DD_DATABASE_URL`, or their defaults.
    ///
    /// # Errors
    /// If a variable cannot be used.
    pub fn from_environment() -> anyhow::Result<Self> {
        #[derive(Parser)]
        struct Environment {
            #[command(flatten)]
            servers: Servers,
        }
        Ok(config::parse_from::<Environment>(["environment"])?.servers)
    }
}

/// A private database, migrated, and a private prefix on the broker, with all exchanges
/// and queues in place. [`World::close`] removes both; so does dropping the last clone, as
/// well as it can. A fleet holds one, since a service that runs would make its queues anew.
#[derive(Clone)]
pub struct World(Arc<Parts>);

struct Parts {
    prefix: Prefix,
    scratch: Scratch,
    folder: TempDir,
}

impl World {
    /// Makes a world whose prefix begins with `kind`, e.g. `demo-1a2b3c4d`.
    ///
    /// # Errors
    /// If a server is away, or its user may not create what is needed.
    pub async fn create(kind: &str, servers: &Servers, ladder: Ladder) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("dojo-notify-")
            .tempdir()
            .context("cannot make a temporary folder")?;
        let scratch = Scratch::beside(&servers.database_url)
            .await
            .context("cannot make a database")?;
        let id = Uuid::new_v4().simple().to_string();
        let prefix = Prefix::apply(BrokerConfig {
            broker_url: servers.broker_url.clone(),
            broker_prefix: format!("{kind}-{}", &id[..8]).parse()?,
            broker_topology: TopologyMode::Apply,
            retry_ladder: ladder,
            broker_prefetch: PREFETCH,
        })
        .await?;
        Ok(Self(Arc::new(Parts {
            prefix,
            scratch,
            folder,
        })))
    }

    /// The broker, with this world's prefix.
    #[must_use]
    pub fn broker(&self) -> &BrokerConfig {
        &self.0.prefix.broker
    }

    /// The names of this world's exchanges and queues.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.0.prefix.broker.broker_prefix
    }

    /// This world's database.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.0.scratch.store()
    }

    /// The address of this world's database, for what the store does not do.
    #[must_use]
    pub fn database_url(&self) -> &SecretString {
        &self.0.scratch.config().database_url
    }

    /// The name of this world's database.
    #[must_use]
    pub fn database(&self) -> &str {
        let url = self.database_url().expose_secret();
        let path = url.split('?').next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }

    /// A folder that lasts as long as the world.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.0.folder.path()
    }

    /// The variables that lead a service here. They hold passwords and the key for
    /// secrets: for a process's environment, and for nothing else.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let broker = &self.0.prefix.broker;
        let database = self.0.scratch.config();
        let mut environment = vec![
            (
                "DD_BROKER_URL",
                broker.broker_url.expose_secret().to_owned(),
            ),
            ("DD_BROKER_PREFIX", broker.broker_prefix.to_string()),
            ("DD_RETRY_LADDER", broker.retry_ladder.to_string()),
            (
                "DD_DATABASE_URL",
                self.database_url().expose_secret().to_owned(),
            ),
            (
                "DD_DATABASE_CONNECTIONS",
                NonZeroU32::MIN.saturating_add(3).to_string(),
            ),
        ];
        environment.extend(
            database
                .credential_aes_256_key
                .iter()
                .map(|key| ("DD_CREDENTIAL_AES_256_KEY", key.expose_secret().to_owned())),
        );
        environment
    }

    /// How many messages lie in this world's queues, rungs and dead-letter queues included.
    ///
    /// # Errors
    /// If the broker is away.
    pub async fn messages_in_queues(&self) -> anyhow::Result<u64> {
        self.messages_in(self.0.prefix.topology.queues()).await
    }

    /// How many messages wait for a service: in its queue, on its rungs, among what the
    /// broker gave up.
    ///
    /// # Errors
    /// If the broker is away.
    pub async fn messages_for(&self, service: Service) -> anyhow::Result<u64> {
        let own = self.names().queue(service);
        let below = format!("{own}.");
        let queues = self.0.prefix.topology.queues();
        self.messages_in(queues.filter(|queue| *queue == own || queue.starts_with(&below)))
            .await
    }

    async fn messages_in(&self, queues: impl Iterator<Item = &str>) -> anyhow::Result<u64> {
        let session = Session::open(self.broker(), "notifyctl stage").await?;
        let mut messages = 0;
        for queue in queues {
            messages += u64::from(session.queue_state(queue).await?.ready);
        }
        session.close().await;
        Ok(messages)
    }

    /// Removes everything. The services must have stopped.
    ///
    /// # Errors
    /// Naming what is left behind.
    pub async fn close(self) -> anyhow::Result<()> {
        let broker = self.0.prefix.remove().await;
        let database = store::drop_database(self.database_url()).await;
        broker.with_context(|| format!("the prefix {} is left on the broker", self.names()))?;
        database.with_context(|| format!("the database {} is left behind", self.database()))
    }
}

/// Exchanges and queues under a prefix of their own.
struct Prefix {
    broker: BrokerConfig,
    topology: Topology,
    removed: AtomicBool,
}

impl Prefix {
    async fn apply(broker: BrokerConfig) -> anyhow::Result<Self> {
        let session = Session::open(&broker, "notifyctl stage").await?;
        let topology = Topology::new(&broker.broker_prefix, &broker.retry_ladder);
        let prefix = Self {
            broker,
            topology,
            removed: AtomicBool::new(false),
        };
        prefix.topology.apply(&session).await?;
        session.close().await;
        Ok(prefix)
    }

    async fn remove(&self) -> anyhow::Result<()> {
        let session = Session::open(&self.broker, "notifyctl stage").await?;
        self.topology.remove(&session).await?;
        session.close().await;
        self.removed.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Prefix {
    /// Dropping cannot wait, so a thread with a runtime of its own does it.
    fn drop(&mut self) {
        if self.removed.load(Ordering::Relaxed) {
            return;
        }
        let removed = std::thread::scope(|scope| {
            let removing = scope.spawn(|| -> anyhow::Result<()> {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                runtime.block_on(self.remove())
            });
            removing.join()
        });
        if !matches!(removed, Ok(Ok(()))) {
            tracing::warn!(prefix = %self.broker.broker_prefix, "exchanges and queues were left on the broker");
        }
    }
}
